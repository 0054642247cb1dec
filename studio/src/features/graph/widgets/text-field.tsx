import type { WidgetFieldProps } from '../widget-row'

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)

/** A line of text. Values of types that nobody knows are shown as they are kept, and not written. */
export function TextField({ box, value, write, name, problem }: WidgetFieldProps) {
  const writable = box.input.type === 'STRING' || typeof value === 'string' || value === undefined
  return (
    <label className="graph-field" data-invalid={Boolean(problem)}>
      <span className="name">{box.label}</span>
      <input
        value={asText(value)}
        readOnly={!writable}
        aria-label={name}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholderOf(box.input.settings)}
        onChange={(event) => write(event.target.value)}
      />
    </label>
  )
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
