import { type ClipboardEvent, type KeyboardEvent, useId, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { Textarea } from '@/ui/input'
import { looksLikeSettings, needsExpanding, weighted } from './prompt-grammar'
import { promptHistory } from './prompt-history'
import { PromptMirror } from './prompt-mirror'
import { PromptPreview } from './prompt-preview'
import { SettingsOffer } from './settings-offer'
import { Suggestions, useSuggestions } from './suggestions'

export interface PromptFieldProps {
  id?: string
  label: string
  value: string
  onChange: (value: string) => void
  describedBy?: string
  invalid?: boolean
  disabled?: boolean
  placeholder?: string
  lines?: [number, number]
}

/**
 * A prompt: grows with its text, colours what has a meaning, completes names, weighs words (Ctrl+Up, Ctrl+Down) and
 * brings back earlier prompts (Alt+Up, Alt+Down).
 */
export function PromptField(props: PromptFieldProps) {
  const { id, label, value, onChange, describedBy, invalid, disabled, placeholder, lines = [2, 12] } = props
  const area = useRef<HTMLTextAreaElement>(null)
  const mirror = useRef<HTMLDivElement>(null)
  const listId = useId()
  const [pasted, setPasted] = useState('')
  const history = useRef({ at: -1, own: '' })
  const replace = (text: string, start: number, end = start) => {
    onChange(text)
    requestAnimationFrame(() => area.current?.setSelectionRange(start, end))
  }
  const suggestions = useSuggestions({ area, value, onReplace: replace })

  const keyed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || suggestions.keyed(event)) return
    const up = event.key === 'ArrowUp'
    if (!up && event.key !== 'ArrowDown') return
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault()
      const { selectionStart: start, selectionEnd: end } = event.currentTarget
      const next = weighted({ text: value, start, end }, up ? 1 : -1)
      replace(next.text, next.start, next.end)
    } else if (event.altKey) {
      event.preventDefault()
      const next = earlier(history.current, value, up)
      if (next !== undefined) replace(next, next.length)
    }
  }
  const paste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text/plain')
    if (!looksLikeSettings(text)) return
    event.preventDefault()
    setPasted(text)
  }
  return (
    <div className="relative">
      <div className="relative overflow-hidden rounded-control bg-bg">
        <div ref={mirror} className="absolute inset-x-0 top-0 border border-transparent px-2 py-1.5">
          <PromptMirror text={value} className="text-field" />
        </div>
        <Textarea
          ref={area}
          id={id}
          aria-label={label}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          aria-autocomplete="list"
          aria-controls={suggestions.open ? listId : undefined}
          aria-activedescendant={suggestions.open ? `${listId}-${suggestions.at}` : undefined}
          value={value}
          onChange={(text) => {
            history.current.at = -1
            onChange(text)
            suggestions.look()
          }}
          onKeyDown={keyed}
          onPaste={paste}
          onFocus={suggestions.ask}
          onBlur={suggestions.close}
          onScroll={(event) => {
            if (mirror.current)
              mirror.current.style.transform = `translateY(${-event.currentTarget.scrollTop}px)`
          }}
          placeholder={placeholder}
          disabled={disabled}
          lines={lines}
          className={classes('relative !bg-transparent', needsExpanding(value) && '!pe-9')}
        />
        {needsExpanding(value) ? <PromptPreview text={value} /> : null}
      </div>
      <Suggestions id={listId} {...suggestions} />
      {pasted ? (
        <SettingsOffer
          text={pasted}
          onText={() => {
            onChange(value ? `${value} ${pasted}` : pasted)
            setPasted('')
          }}
          onDone={() => setPasted('')}
        />
      ) : null}
      <span className="sr-only">
        {t(
          'Control and arrow up or down changes the weight of the selected words. Alt and arrow up brings back an earlier prompt.',
        )}
      </span>
    </div>
  )
}

/** One step through the history; what was being written is at its near end. */
function earlier(state: { at: number; own: string }, value: string, back: boolean): string | undefined {
  const past = promptHistory()
  if (state.at < 0) state.own = value
  const at = state.at + (back ? 1 : -1)
  if (at >= past.length || at < -1) return undefined
  state.at = at
  return at < 0 ? state.own : past[at]
}
