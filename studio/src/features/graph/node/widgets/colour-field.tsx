import type { WidgetFieldProps } from '../widget-row'

/** A colour: picked, or written as text. */
export function ColourField({ box, value, write, name }: WidgetFieldProps) {
  const text = typeof value === 'string' ? value : ''
  return (
    <label className="graph-field">
      <span className="name">{box.label}</span>
      <input value={text} aria-label={name} onChange={(event) => write(event.target.value)} />
      <input
        type="color"
        value={/^#[0-9a-f]{6}$/i.test(text) ? text : '#000000'}
        aria-label={name}
        className="h-4 w-6 shrink-0 cursor-pointer"
        onChange={(event) => write(event.target.value)}
      />
    </label>
  )
}
