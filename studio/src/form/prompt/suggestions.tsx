import { type KeyboardEvent, type RefObject, useMemo, useState } from 'react'
import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { type Completing, completed, completingAt, withoutEnding } from './prompt-grammar'
import { usePromptNames } from './prompt-server'

const SHOWN = 8

export interface SuggestionsState {
  open: boolean
  at: number
  names: string[]
  kind: Completing['kind']
  take: (name: string) => void
  /** Handles a key; true if it was meant for the list. */
  keyed: (event: KeyboardEvent) => boolean
  look: () => void
  ask: () => void
  close: () => void
}

interface Wish {
  area: RefObject<HTMLTextAreaElement | null>
  value: string
  onReplace: (text: string, caret: number) => void
}

/** Names that fit what is written at the caret. */
export function useSuggestions({ area, value, onReplace }: Wish): SuggestionsState {
  const [asked, setAsked] = useState(false)
  const [completing, setCompleting] = useState<Completing | null>(null)
  const [at, setAt] = useState(0)
  const known = usePromptNames(asked)
  const names = useMemo(() => {
    if (!completing) return []
    const query = completing.query.toLowerCase()
    const all = known[completing.kind]
    const starting = all.filter((name) => name.toLowerCase().startsWith(query))
    const holding = all.filter((name) => !starting.includes(name) && name.toLowerCase().includes(query))
    return [...starting, ...holding].slice(0, SHOWN)
  }, [completing, known])
  const open = completing !== null && names.length > 0
  const close = () => setCompleting(null)
  const take = (name: string) => {
    if (!completing) return
    const text = completed(completing.kind, name)
    onReplace(
      value.slice(0, completing.from) + text + value.slice(completing.to),
      completing.from + text.length,
    )
    close()
  }
  const look = () =>
    requestAnimationFrame(() => {
      const element = area.current
      if (!element || element.selectionStart !== element.selectionEnd) return close()
      setCompleting(completingAt(element.value, element.selectionStart))
      setAt(0)
    })
  const keyed = (event: KeyboardEvent): boolean => {
    if (!open || event.ctrlKey || event.altKey || event.metaKey) return false
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
    if (event.key in moves) setAt((at + moves[event.key]! + names.length) % names.length)
    else if (event.key === 'Enter' || event.key === 'Tab') take(names[at]!)
    else if (event.key === 'Escape') close()
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }
  return {
    open,
    at,
    names,
    kind: completing?.kind ?? 'embedding',
    take,
    keyed,
    look,
    ask: () => setAsked(true),
    close,
  }
}

/** The list below a prompt while there is something to complete. The caret stays in the text. */
export function Suggestions({ id, open, at, names, kind, take }: SuggestionsState & { id: string }) {
  if (!open) return null
  const kinds = { lora: t('LoRA'), wildcard: t('Wildcard'), embedding: t('Embedding') }
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t('Suggestions')}
      className="absolute inset-x-0 top-full z-30 mt-1 rounded-card border bg-overlay p-1 shadow-menu"
    >
      {names.map((name, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled where the caret is.
        // biome-ignore lint/a11y/useFocusableInteractive: the caret stays in the text.
        <div
          key={name}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === at}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => take(name)}
          className={classes(
            'flex min-h-8 cursor-pointer items-center gap-2 rounded-control px-2 text-body pointer-coarse:min-h-11',
            index === at && 'bg-hover',
          )}
        >
          <span className="min-w-0 flex-1 truncate">{withoutEnding(name)}</span>
          <span className="text-caption text-faint">{kinds[kind]}</span>
        </div>
      ))}
    </div>
  )
}
