import { useQuery } from '@tanstack/react-query'
import { Search, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Input } from '@/ui/input'
import { type Facets, facetsQuery } from './pictures'
import { type Suggestion, suggest } from './suggest'
import { useWanted, want } from './wanted'

const PAUSE = 180

/** Words and chips (`model:`, `seed:`, `date:`), with what there is as suggestions. */
export function SearchField() {
  const wanted = useWanted((state) => state.text)
  const [text, setText] = useState(wanted)
  const [open, setOpen] = useState(false)
  const [chosen, setChosen] = useState(-1)
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const { data: facets } = useQuery({ ...facetsQuery(), enabled: open })
  const found = open ? suggest(text, facets as Facets | undefined) : []
  useEffect(() => setText(wanted), [wanted])
  useEffect(() => {
    const timer = setTimeout(() => want({ text }), PAUSE)
    return () => clearTimeout(timer)
  }, [text])
  const take = (suggestion: Suggestion) => {
    setText(suggestion.text)
    setChosen(-1)
    input.current?.focus()
  }
  const keyed = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1
      setOpen(true)
      setChosen((chosen + step + found.length + 1) % Math.max(1, found.length + 1))
    } else if (event.key === 'Enter') {
      if (found[chosen]) take(found[chosen])
      else setOpen(false)
    } else if (event.key === 'Escape') {
      if (open && found.length > 0) setOpen(false)
      else setText('')
    } else return
    event.preventDefault()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only notices that the focus has left.
    <div
      className="relative min-w-0 flex-1 sm:max-w-xl"
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setOpen(false)}
    >
      <Search
        size={16}
        aria-hidden="true"
        className="absolute start-2.5 top-1/2 -translate-y-1/2 text-faint"
      />
      <Input
        ref={input}
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={found[chosen] ? `${id}-${chosen}` : undefined}
        aria-label={t('Search the gallery')}
        placeholder={t('Search prompts and names')}
        value={text}
        onChange={(next) => {
          setText(next)
          setOpen(true)
          setChosen(-1)
        }}
        onFocus={() => setOpen(true)}
        onKeyDown={keyed}
        className="ps-8 pe-9"
      />
      {text ? (
        <span className="absolute end-0.5 top-1/2 -translate-y-1/2">
          <IconButton label={t('Clear the search')} small onClick={() => setText('')}>
            <X size={14} />
          </IconButton>
        </span>
      ) : null}
      <div
        id={id}
        role="listbox"
        aria-label={t('Suggestions')}
        className={classes(
          'absolute inset-x-0 top-full z-30 mt-1 max-h-112 overflow-auto rounded-card border bg-overlay p-1 shadow-menu',
          found.length === 0 && 'hidden',
        )}
      >
        {found.map((suggestion, at) => (
          <div
            key={suggestion.chip}
            id={`${id}-${at}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === chosen}
            onMouseDown={(event) => {
              event.preventDefault()
              take(suggestion)
            }}
            className={classes(
              'flex min-h-8 cursor-pointer items-center gap-3 rounded-control px-2 hover:bg-hover pointer-coarse:min-h-11',
              at === chosen && 'bg-hover',
            )}
          >
            <span className="min-w-0 truncate font-mono text-label">{suggestion.chip}</span>
            <span className="ms-auto shrink-0 truncate text-label text-faint">{suggestion.help}</span>
          </div>
        ))}
      </div>
    </div>
  )
}
