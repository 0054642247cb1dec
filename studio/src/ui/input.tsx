import {
  type InputHTMLAttributes,
  type Ref,
  type TextareaHTMLAttributes,
  useLayoutEffect,
  useRef,
} from 'react'
import { classes } from './classes'

export const CONTROL =
  'w-full min-w-0 rounded-control border border-line-strong/70 bg-bg text-field text-text transition-colors duration-120 ' +
  'hover:border-line-strong focus:border-accent focus:outline-none focus-visible:outline-2 focus-visible:outline-offset-0 ' +
  'aria-invalid:border-err disabled:opacity-50'

export interface InputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> {
  onChange?: (value: string) => void
  ref?: Ref<HTMLInputElement>
}

/** A line of text. */
export function Input({ className, onChange, ...rest }: InputProps) {
  return (
    <input
      autoComplete="off"
      spellCheck={false}
      {...rest}
      onChange={(event) => onChange?.(event.target.value)}
      className={classes(CONTROL, 'h-control px-2', className)}
    />
  )
}

export interface TextareaProps extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange'> {
  onChange?: (value: string) => void
  /** It grows with its text between these numbers of lines. */
  lines?: [number, number]
  ref?: Ref<HTMLTextAreaElement>
}

const LINE = 20
const PADDING = 14

/** A text of several lines that grows as it is written. */
export function Textarea({ className, onChange, lines = [2, 12], value, ref, ...rest }: TextareaProps) {
  const own = useRef<HTMLTextAreaElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text.
  useLayoutEffect(() => {
    const area = own.current
    if (!area) return
    area.style.height = 'auto'
    const wanted = Math.min(
      Math.max(area.scrollHeight + 2, lines[0] * LINE + PADDING),
      lines[1] * LINE + PADDING,
    )
    area.style.height = `${wanted}px`
  }, [value, lines[0], lines[1]])
  return (
    <textarea
      {...rest}
      value={value}
      ref={(element) => {
        own.current = element
        if (typeof ref === 'function') ref(element)
        else if (ref) ref.current = element
      }}
      onChange={(event) => onChange?.(event.target.value)}
      className={classes(CONTROL, 'block resize-none px-2 py-1.5', className)}
    />
  )
}
