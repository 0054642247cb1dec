import { type KeyboardEvent, useEffect, useState } from 'react'
import { classes } from './classes'
import { CONTROL } from './input'

export interface NumberInputProps {
  id?: string
  value: number
  onChange: (value: number) => void
  min?: number
  max?: number
  step?: number
  /** Rounds to whole numbers. */
  whole?: boolean
  label?: string
  describedBy?: string
  invalid?: boolean
  disabled?: boolean
  suffix?: string
  className?: string
}

/** A number: typed (sums such as `512*2` too), or stepped with the arrow keys; Shift makes ten steps. */
export function NumberInput({
  value,
  onChange,
  min,
  max,
  step = 1,
  whole,
  label,
  describedBy,
  invalid,
  suffix,
  className,
  ...rest
}: NumberInputProps) {
  const [text, setText] = useState(String(shown(value)))
  const [editing, setEditing] = useState(false)
  useEffect(() => {
    if (!editing) setText(String(shown(value)))
  }, [value, editing])

  const take = (next: number) => {
    const fitted = fit(next, { min, max, whole })
    setText(String(shown(fitted)))
    if (fitted !== value) onChange(fitted)
  }
  const keyed = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') take(evaluate(text) ?? value)
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    const by = step * (event.shiftKey ? 10 : 1) * (event.key === 'ArrowUp' ? 1 : -1)
    take((evaluate(text) ?? value) + by)
  }
  return (
    <span className={classes('relative block', className)}>
      <input
        {...rest}
        type="text"
        inputMode={whole ? 'numeric' : 'decimal'}
        role="spinbutton"
        aria-label={label}
        aria-describedby={describedBy}
        aria-invalid={invalid || undefined}
        aria-valuenow={value}
        aria-valuemin={min}
        aria-valuemax={max}
        value={text}
        onFocus={(event) => {
          setEditing(true)
          event.target.select()
        }}
        onBlur={() => {
          setEditing(false)
          take(evaluate(text) ?? value)
        }}
        onChange={(event) => {
          setText(event.target.value)
          const typed = Number(event.target.value)
          if (
            event.target.value.trim() !== '' &&
            Number.isFinite(typed) &&
            fit(typed, { min, max, whole }) === typed
          )
            onChange(typed)
        }}
        onKeyDown={keyed}
        className={classes(CONTROL, 'h-control px-2 text-end tabular', suffix && 'pe-6')}
      />
      {suffix ? (
        <span className="pointer-events-none absolute inset-y-0 end-2 flex items-center text-label text-faint">
          {suffix}
        </span>
      ) : null}
    </span>
  )
}

const shown = (value: number): number => (Number.isInteger(value) ? value : Number(value.toFixed(4)))

function fit(value: number, { min, max, whole }: { min?: number; max?: number; whole?: boolean }): number {
  const rounded = whole ? Math.round(value) : value
  return Math.min(max ?? Number.POSITIVE_INFINITY, Math.max(min ?? Number.NEGATIVE_INFINITY, rounded))
}

/** The value of a number or of a sum of two (`512*2`, `1024/3`), or null. */
export function evaluate(text: string): number | null {
  const plain = Number(text.trim().replace(',', '.'))
  if (text.trim() !== '' && Number.isFinite(plain)) return plain
  const sum = /^\s*(-?[\d.]+)\s*([-+*/])\s*(-?[\d.]+)\s*$/.exec(text)
  if (!sum) return null
  const [one, other] = [Number(sum[1]), Number(sum[3])]
  const results: Record<string, number> = {
    '+': one + other,
    '-': one - other,
    '*': one * other,
    '/': one / other,
  }
  const result = results[sum[2]!]!
  return Number.isFinite(result) ? result : null
}
