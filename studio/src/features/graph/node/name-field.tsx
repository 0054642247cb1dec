import { type CSSProperties, useState } from 'react'

interface NameFieldProps {
  name: string
  label: string
  /** Called with the new name, or with an empty text if it shall stay. */
  onEnd: (text: string) => void
  className?: string
  style?: CSSProperties
}

/** A name that is being written in the graph: Enter keeps it, Esc does not. */
export function NameField({ name, label, onEnd, className = '', style }: NameFieldProps) {
  const [text, setText] = useState(name)
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it appears because somebody asked to write here.
      autoFocus
      value={text}
      aria-label={label}
      style={style}
      className={`nodrag nopan h-6 min-w-0 rounded-small bg-bg px-1 text-label outline-1 outline-accent ${className}`}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => onEnd(text.trim())}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') onEnd(text.trim())
        if (event.key === 'Escape') onEnd('')
      }}
    />
  )
}
