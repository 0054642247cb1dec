/** Pasting parts of a graph with the browser's own paste, which may read the clipboard without asking. */
import { useEffect } from 'react'
import { pasteText } from '../editing/actions'
import { useScope } from '../state/scope'
import { middle } from './flow-instance'

export function usePasting(): void {
  const scope = useScope()
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const { target } = event
      if (target instanceof Element && target.closest('input, textarea, [contenteditable]')) return
      const text = event.clipboardData?.getData('text/plain') ?? ''
      if (!text || isWhole(text) || !pasteText(scope, text, middle(), false)) return
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    addEventListener('paste', paste, { capture: true })
    return () => removeEventListener('paste', paste, { capture: true })
  }, [scope])
}

/** Whole workflows are opened, not pasted in. */
const isWhole = (text: string): boolean => text.includes('"last_node_id"') || text.includes('"version"')
