import { Dices, Minus, Plus } from 'lucide-react'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { NumberInput } from '@/ui/number-input'
import { asNumber, type ControlProps } from '../control-props'

/** A number with minus and plus beside it: for counts, and for thumbs. */
export function StepperControl({ id, label, control, value, onChange, disabled, ...rest }: ControlProps) {
  const number = asNumber(value, control.min ?? 0)
  const step = control.step ?? 1
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = control
  return (
    <div className="flex items-center gap-1">
      <IconButton
        label={t('Less: {{label}}', { label })}
        look="plain"
        disabled={disabled || number <= min}
        onClick={() => onChange(Math.max(min, number - step))}
      >
        <Minus size={16} />
      </IconButton>
      <NumberInput
        {...rest}
        id={id}
        label={label}
        value={number}
        onChange={onChange}
        min={control.min}
        max={control.max}
        step={step}
        whole={control.whole ?? true}
        disabled={disabled}
        className="w-16 flex-1"
      />
      <IconButton
        label={t('More: {{label}}', { label })}
        look="plain"
        disabled={disabled || number >= max}
        onClick={() => onChange(Math.min(max, number + step))}
      >
        <Plus size={16} />
      </IconButton>
    </div>
  )
}

/** A number that may be drawn at random between its limits. */
export function DiceControl({ id, label, control, value, onChange, disabled, ...rest }: ControlProps) {
  const { min = 0, max = 100, step = control.whole ? 1 : 0.01, whole } = control
  const draw = () => {
    const steps = Math.floor((max - min) / step)
    const drawn = min + Math.floor(Math.random() * (steps + 1)) * step
    onChange(whole ? Math.round(drawn) : Number(drawn.toFixed(6)))
  }
  return (
    <div className="flex items-center gap-1">
      <NumberInput
        {...rest}
        id={id}
        label={label}
        value={asNumber(value, min)}
        onChange={onChange}
        min={min}
        max={max}
        step={step}
        whole={whole}
        disabled={disabled}
        className="flex-1"
      />
      <IconButton label={t('Draw at random')} look="plain" onClick={draw} disabled={disabled}>
        <Dices size={16} />
      </IconButton>
    </div>
  )
}
