import { useState } from 'react'
import { t } from '@/i18n/text'
import type { WidgetFieldProps } from '../widget-row'

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)

/** A line of text. Values of types that nobody knows are written as JSON. */
export function TextField(props: WidgetFieldProps) {
  const { box, value, write, name, problem } = props
  if (box.input.type !== 'STRING' && typeof value !== 'string' && value !== undefined && value !== null)
    return <JsonField {...props} />
  return (
    <label className="graph-field" data-invalid={Boolean(problem)}>
      <span className="name">{box.label}</span>
      <input
        value={asText(value)}
        aria-label={name}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholderOf(box.input.settings)}
        onChange={(event) => write(event.target.value)}
      />
    </label>
  )
}

/** A list or a record, as JSON; it is written once it can be read, and what cannot be read is not kept. */
function JsonField({ box, value, write, name, problem }: WidgetFieldProps) {
  const [draft, setDraft] = useState<string | null>(null)
  const isBroken = draft !== null && readJson(draft) === undefined
  return (
    <label
      className="graph-field"
      data-invalid={Boolean(problem) || isBroken}
      title={isBroken ? t('This is no JSON yet.') : undefined}
    >
      <span className="name">{box.label}</span>
      <input
        value={draft ?? asText(value)}
        aria-label={name}
        aria-invalid={isBroken || undefined}
        autoComplete="off"
        spellCheck={false}
        className="font-mono"
        onFocus={() => setDraft(asText(value))}
        onBlur={() => setDraft(null)}
        onChange={(event) => {
          setDraft(event.target.value)
          const read = readJson(event.target.value)
          if (read !== undefined) write(read)
        }}
      />
    </label>
  )
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** A text of several lines. */
export function AreaField({ box, value, write, name, problem }: WidgetFieldProps) {
  return (
    <textarea
      value={asText(value)}
      aria-label={name}
      aria-invalid={Boolean(problem) || undefined}
      spellCheck={false}
      placeholder={placeholderOf(box.input.settings) || box.label}
      className="graph-area nowheel"
      style={{ height: box.height > 0 ? box.height - 4 : undefined }}
      onChange={(event) => write(event.target.value)}
    />
  )
}

const placeholderOf = (settings: Record<string, unknown>): string | undefined =>
  typeof settings.placeholder === 'string' ? settings.placeholder : undefined
