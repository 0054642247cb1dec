import { Slider as Primitive } from 'radix-ui'
import { classes } from './classes'
import { NumberInput } from './number-input'

export interface SliderProps {
  id?: string
  value: number
  onChange: (value: number) => void
  min: number
  max: number
  step?: number
  whole?: boolean
  label: string
  describedBy?: string
  disabled?: boolean
  /** Without the number beside it. */
  bare?: boolean
  suffix?: string
  className?: string
}

/** A slider with its number beside it. The slider's range is the usual one; the number takes any that the limits allow. */
export function Slider({
  id,
  value,
  onChange,
  min,
  max,
  step = 1,
  whole,
  label,
  describedBy,
  disabled,
  bare,
  suffix,
  className,
}: SliderProps) {
  return (
    <div className={classes('flex items-center gap-3', className)}>
      <Primitive.Root
        value={[Math.min(max, Math.max(min, value))]}
        onValueChange={([next]) => next !== undefined && onChange(Number(next.toFixed(6)))}
        min={min}
        max={max}
        step={step}
        disabled={disabled}
        className="relative flex h-control min-w-0 flex-1 touch-none items-center select-none"
      >
        <Primitive.Track className="relative h-1 grow rounded-full bg-line">
          <Primitive.Range className="absolute h-full rounded-full bg-accent-fill" />
        </Primitive.Track>
        <Primitive.Thumb
          aria-label={label}
          aria-describedby={describedBy}
          className="block size-4 rounded-full border-2 border-accent-fill bg-white shadow-menu focus-ring hover:scale-110 pointer-coarse:size-6"
        />
      </Primitive.Root>
      {bare ? null : (
        <NumberInput
          id={id}
          value={value}
          onChange={onChange}
          min={min}
          max={max}
          step={step}
          whole={whole}
          label={label}
          disabled={disabled}
          suffix={suffix}
          className="w-18 shrink-0"
        />
      )}
    </div>
  )
}
