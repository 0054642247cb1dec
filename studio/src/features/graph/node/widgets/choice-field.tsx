import { ChevronDown, TriangleAlert } from 'lucide-react'
import { useRef } from 'react'
import { t } from '@/i18n/text'
import { pick } from '../../panels/picker'
import type { WidgetFieldProps } from '../widget-row'

/** One of several values. */
export function ChoiceField({ box, value, write, name, problem }: WidgetFieldProps) {
  const button = useRef<HTMLButtonElement>(null)
  const choices = choicesOf(box.input)
  const shown = value === undefined || value === null ? '' : String(value)
  const unknown = shown !== '' && choices.length > 0 && !choices.includes(shown)
  const open = () =>
    pick({
      anchor: button.current!,
      label: name,
      value: shown,
      choices,
      onChoose: (chosen) => write(original(box.input, chosen)),
    })
  const step = (by: number) => {
    const next = choices[choices.indexOf(shown) + by]
    if (next !== undefined) write(original(box.input, next))
  }
  return (
    <button
      ref={button}
      type="button"
      role="combobox"
      aria-expanded={false}
      aria-haspopup="listbox"
      aria-label={`${name}: ${shown}`}
      aria-invalid={unknown || Boolean(problem) || undefined}
      title={unknown ? t('“{{value}}” is not in the list.', { value: shown }) : shown}
      className="graph-field"
      onClick={open}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft') step(-1)
        if (event.key === 'ArrowRight') step(1)
        if (event.key === 'ArrowDown') open()
        if (event.key.startsWith('Arrow')) event.preventDefault()
      }}
    >
      <span className="name">{box.label}</span>
      <span className="value">
        {unknown ? <TriangleAlert size={12} className="me-1 inline text-err" aria-hidden="true" /> : null}
        {shown || t('none')}
      </span>
      <ChevronDown size={12} className="-ms-2 me-1 shrink-0 text-faint" aria-hidden="true" />
    </button>
  )
}

/** Choices as text. Dynamic choices have theirs among the settings. */
export function choicesOf(input: WidgetFieldProps['box']['input']): string[] {
  const listed = input.options ?? (input.settings.options as unknown[] | undefined) ?? []
  return listed.map((option) =>
    String(option && typeof option === 'object' ? (option as { key?: unknown }).key : option),
  )
}

function original(input: WidgetFieldProps['box']['input'], chosen: string): unknown {
  return input.options?.find((option) => String(option) === chosen) ?? chosen
}
