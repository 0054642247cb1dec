/** Copy, cut and paste of parts of a graph, with the system's clipboard where the page may use it. */
import { takeFiles } from '@/app/take-files'
import { t } from '@/i18n/text'
import { announce } from '@/ui/announce'
import type { Scope } from '../state/scope'
import { copied, pasteText, refuse, removeSelected, selectedNodes } from './actions'

/** What was copied last in this page: the system's clipboard may be closed to it. */
let own = ''

export function copySelected(scope: Scope): void {
  const text = copied(scope)
  if (!text) return
  own = text
  announce(t('Copied {{count}} nodes', { count: selectedNodes(scope).length }))
  void navigator.clipboard?.writeText(text).catch(() => undefined)
}

export function cutSelected(scope: Scope): void {
  copySelected(scope)
  removeSelected(scope)
}

/** Pastes at a place of the graph. */
export async function pasteHere(scope: Scope, at: [number, number], keepLinks: boolean): Promise<void> {
  const text = await readClipboard()
  if (text && pasteText(scope, text, at, keepLinks)) return
  const picture = await readPicture()
  if (picture) return takeFiles([picture], 'node', 'graph')
  if (own && pasteText(scope, own, at, keepLinks)) return
  refuse(t('There are no nodes on the clipboard.'))
}

/** The picture on the clipboard, where the page may see it. */
async function readPicture(): Promise<File | null> {
  try {
    for (const item of (await navigator.clipboard?.read()) ?? []) {
      const type = item.types.find((kind) => kind.startsWith('image/'))
      if (type) return new File([await item.getType(type)], `pasted.${type.slice(6)}`, { type })
    }
  } catch {
    // Not allowed, or nothing is there.
  }
  return null
}

async function readClipboard(): Promise<string> {
  try {
    return (await navigator.clipboard?.readText()) ?? ''
  } catch {
    return own
  }
}
