/**
 * What can be done, by name: the one list behind keys, the command search and the page of keys.
 *
 * A screen offers its commands while it is open (`useCommands`); the frame offers those that hold everywhere.
 */
import { useEffect } from 'react'
import { create } from 'zustand'
import { isMac } from '@/ui/shown-keys'
import { usePreferences } from './preferences'

export interface Command {
  id: string
  label: string
  /** `Mod+Shift+K`, `F8`, `b`; Mod is ⌘ on a Mac and Ctrl elsewhere. */
  keys?: string
  /** Heading in the list of keys. */
  group: string
  run: () => void
  /** Cannot be done now. */
  disabled?: boolean
  /** The keys also work while a text is being written. */
  whileTyping?: boolean
  /** Not in the command search. */
  hidden?: boolean
  /** The key is held: called when it is let go. */
  release?: () => void
}

const useOffered = create<{ sets: ReadonlyMap<object, Command[]> }>(() => ({ sets: new Map() }))

/** Are told of commands that come on offer. */
export const offerListeners = new Set<(commands: Command[]) => void>()

/** Offers commands while the component is mounted. */
export function useCommands(commands: Command[]): void {
  useEffect(() => {
    const mark = {}
    useOffered.setState(({ sets }) => ({ sets: new Map(sets).set(mark, commands) }))
    for (const listener of offerListeners) listener(commands)
    return () =>
      useOffered.setState(({ sets }) => {
        const rest = new Map(sets)
        rest.delete(mark)
        return { sets: rest }
      })
  }, [commands])
}

/** All commands on offer now; later ones come first, so a screen's beat the frame's. */
export const useOfferedCommands = (): Command[] => {
  const sets = useOffered((state) => state.sets)
  return [...sets.values()].reverse().flat()
}

export const keysOf = (command: Command): string =>
  usePreferences.getState().keys[command.id] ?? command.keys ?? ''

/** Listens for keys from now on. */
export function listenForKeys(): () => void {
  const held = new Map<string, Command>()
  const down = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    const command = commandFor(event)
    if (!command) return
    event.preventDefault()
    if (event.repeat && command.release) return
    if (command.release) held.set(event.code, command)
    command.run()
  }
  const up = (event: KeyboardEvent) => {
    held.get(event.code)?.release?.()
    held.delete(event.code)
  }
  addEventListener('keydown', down)
  addEventListener('keyup', up)
  return () => {
    removeEventListener('keydown', down)
    removeEventListener('keyup', up)
  }
}

function commandFor(event: KeyboardEvent): Command | undefined {
  const pressed = keysPressed(event)
  const typing = isTyping(event.target)
  const modified = event.ctrlKey || event.metaKey || event.altKey
  if (!modified && pressesControl(event)) return undefined
  const { singleKeys } = usePreferences.getState()
  const modalOpen = document.querySelector('[role="dialog"][data-state="open"]') !== null
  for (const set of [...useOffered.getState().sets.values()].reverse()) {
    for (const command of set) {
      if (command.disabled || !sameKeys(keysOf(command), pressed)) continue
      if ((typing || modalOpen) && !command.whileTyping) continue
      if (!modified && event.key.length === 1 && !singleKeys) continue
      return command
    }
  }
  return undefined
}

/** The keys of an event as they are written: `Mod+Shift+K`. */
export function keysPressed(event: KeyboardEvent): string {
  const parts: string[] = []
  if (isMac ? event.metaKey : event.ctrlKey) parts.push('Mod')
  if (isMac && event.ctrlKey) parts.push('Ctrl')
  if (event.altKey) parts.push('Alt')
  if (event.shiftKey) parts.push('Shift')
  // With Alt, layouts write other letters; the key's place says which one is meant.
  const letter = event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : event.key
  parts.push(letter.length === 1 ? letter.toUpperCase() : letter)
  return parts.join('+')
}

function sameKeys(wanted: string, pressed: string): boolean {
  if (!wanted) return false
  if (wanted.toUpperCase() === pressed.toUpperCase()) return true
  // `?` and `/` need Shift on some layouts and not on others.
  return wanted.length === 1 && !/[a-z]/i.test(wanted) && pressed.replace('Shift+', '') === wanted
}

/** Space and Enter press the button or link that has the focus, whatever they mean elsewhere. */
const pressesControl = ({ key, target }: KeyboardEvent): boolean =>
  (key === ' ' || key === 'Enter') &&
  target instanceof HTMLElement &&
  target.closest('button, a[href], summary, [role="menuitem"], [role="option"], [role="slider"]') !== null

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)))
