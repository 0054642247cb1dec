/**
 * Every command that was ever on offer in this browser, so that keys can be changed on the page of settings although most
 * screens are closed there.
 */
import { useMemo } from 'react'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { type Command, offerListeners, useOfferedCommands } from './commands'

export interface KnownCommand {
  id: string
  label: string
  group: string
  keys: string
}

const useKnown = create<{ known: Record<string, KnownCommand> }>()(
  persist((): { known: Record<string, KnownCommand> } => ({ known: {} }), { name: 'limner.commands' }),
)

/** Remembers commands that come on offer. */
export function rememberCommands(commands: readonly Command[]): void {
  useKnown.setState(({ known }) => {
    const fresh = commands.filter((command) => !same(known[command.id], command))
    if (fresh.length === 0) return { known }
    const added = fresh.map(({ id, label, group, keys = '' }) => [id, { id, label, group, keys }] as const)
    return { known: { ...known, ...Object.fromEntries(added) } }
  })
}

offerListeners.add(rememberCommands)

const same = (known: KnownCommand | undefined, { label, group, keys = '' }: Command): boolean =>
  known?.label === label && known.group === group && known.keys === keys

/** All of them by group, those on offer now first. */
export function useKnownCommands(): KnownCommand[] {
  const known = useKnown((state) => state.known)
  const offered = useOfferedCommands()
  return useMemo(() => {
    const now = offered.map(({ id, label, group, keys = '' }) => ({ id, label, group, keys }))
    const ids = new Set(now.map(({ id }) => id))
    const unique = now.filter(({ id }, at) => now.findIndex((other) => other.id === id) === at)
    return [...unique, ...Object.values(known).filter(({ id }) => !ids.has(id))]
  }, [known, offered])
}
