import { type KeyboardEvent, useEffect, useState } from 'react'
import { classes } from './classes'
import { CONTROL } from './input'

export interface NumberInputProps {
  id?: string
  /** A bigint: one of more digits than a number can have. */
  value: number | bigint
  onChange: (value: number) => void
  /** Takes whole numbers that have more digits than that; without it they are rounded. */
  onExact?: (value: bigint) => void
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
  onExact,
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

  const take = (next: number | bigint) => {
    if (typeof next === 'bigint') {
      setText(String(next))
      if (next !== value) onExact?.(next)
      return
    }
    const fitted = fit(next, { min, max, whole })
    setText(String(shown(fitted)))
    if (fitted !== value) onChange(fitted)
  }
  const typed = () =>
    (onExact && exactDigits(text)) ?? (text === String(value) ? value : evaluate(text)) ?? value
  const keyed = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') take(typed())
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    const by = step * (event.shiftKey ? 10 : 1) * (event.key === 'ArrowUp' ? 1 : -1)
    take(Number(typed()) + by)
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
        aria-valuenow={Number(value)}
        aria-valuemin={min}
        aria-valuemax={max}
        value={text}
        onFocus={(event) => event.target.select()}
        onBlur={() => {
          // What nobody typed is not taken: the value may have become another one meanwhile.
          if (editing) take(typed())
          setEditing(false)
        }}
        onChange={(event) => {
          setEditing(true)
          setText(event.target.value)
          const number = Number(event.target.value)
          if (
            event.target.value.trim() !== '' &&
            Number.isFinite(number) &&
            fit(number, { min, max, whole }) === number
          )
            onChange(number)
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

const shown = (value: number | bigint): number | bigint =>
  typeof value === 'bigint' || Number.isInteger(value) ? value : Number(value.toFixed(4))

/** A whole number of more digits than a double holds, as it was typed; null if it is none, or negative. */
export function exactDigits(text: string): bigint | null {
  const plain = text.trim()
  if (!/^\d{16,20}$/.test(plain) || Number.isSafeInteger(Number(plain))) return null
  const value = BigInt(plain)
  return value < 2n ** 64n ? value : null
}

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
