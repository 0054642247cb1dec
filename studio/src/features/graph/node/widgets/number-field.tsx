import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { evaluate, exactDigits } from '@/ui/number-input'
import type { WidgetFieldProps } from '../widget-row'

interface Limits {
  min: number
  max: number
  step: number
  whole: boolean
}

export function limitsOf({ input }: WidgetFieldProps['box']): Limits {
  const { min, max, step, round } = input.settings
  const whole = input.type === 'INT'
  const number = (value: unknown, other: number) => (typeof value === 'number' ? value : other)
  return {
    min: number(min, Number.NEGATIVE_INFINITY),
    max: number(max, Number.POSITIVE_INFINITY),
    step: number(step, whole ? 1 : number(round, 0.01)) || 1,
    whole,
  }
}

const tidy = (value: number, { min, max, whole }: Limits): number =>
  Math.min(max, Math.max(min, whole ? Math.round(value) : Number(value.toPrecision(12))))

/** A number: typed, stepped with the arrow keys, or drawn by its name to the side. */
export function NumberField(props: WidgetFieldProps) {
  return (
    <div className="graph-field" data-invalid={Boolean(props.problem)}>
      <NumberParts {...props} />
    </div>
  )
}

/** Name and number, for fields that have more beside them. */
export function NumberParts({ box, value, write, name, problem }: WidgetFieldProps) {
  const limits = limitsOf(box)
  const number = typeof value === 'number' ? value : Number(value) || 0
  const [typed, setTyped] = useState<string | null>(null)
  const drag = useRef<{ x: number; from: number } | null>(null)
  const take = (text: string) => {
    const exact = limits.whole && limits.max > Number.MAX_SAFE_INTEGER ? exactDigits(text) : null
    const next = evaluate(text)
    if (exact !== null) write(exact)
    else if (next !== null && next !== number) write(tidy(next, limits))
    setTyped(null)
  }
  const keyed = (event: KeyboardEvent) => {
    if (event.key === 'Enter') typed !== null && take(typed)
    if (event.key === 'Escape') setTyped(null)
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    setTyped(null)
    const by = limits.step * (event.shiftKey ? 10 : 1) * (event.key === 'ArrowUp' ? 1 : -1)
    write(tidy(number + by, limits))
  }
  const scrub = (event: PointerEvent) => {
    if (!drag.current) return
    const steps = Math.round((event.clientX - drag.current.x) / 4)
    const next = tidy(drag.current.from + steps * limits.step * (event.shiftKey ? 10 : 1), limits)
    if (next !== number) write(next)
  }
  return (
    <>
      <span
        className="name graph-scrub"
        title={typeof box.input.settings.tooltip === 'string' ? box.input.settings.tooltip : undefined}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          drag.current = { x: event.clientX, from: number }
        }}
        onPointerMove={scrub}
        onPointerUp={() => {
          drag.current = null
        }}
      >
        {box.label}
      </span>
      <input
        type="text"
        inputMode={limits.whole ? 'numeric' : 'decimal'}
        role="spinbutton"
        aria-label={name}
        aria-valuenow={number}
        aria-valuemin={Number.isFinite(limits.min) ? limits.min : undefined}
        aria-valuemax={Number.isFinite(limits.max) ? limits.max : undefined}
        aria-invalid={Boolean(problem) || undefined}
        value={typed ?? (typeof value === 'bigint' ? String(value) : shown(number))}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => typed !== null && take(typed)}
        onKeyDown={keyed}
      />
    </>
  )
}

const shown = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toFixed(4)))
