import { t } from '@/i18n/text'
import { Input } from '@/ui/input'
import { asText, type ControlProps } from '../control-props'

/** A colour: picked, or written as `#rrggbb`. Whole numbers stay whole numbers, as some nodes hold colours. */
export function ColorControl({ id, label, value, onChange, describedBy, invalid, disabled }: ControlProps) {
  const number = typeof value === 'number'
  const shown = number ? `#${value.toString(16).padStart(6, '0')}` : asText(value)
  const give = (text: string) => {
    if (!number) onChange(text)
    else if (/^#[0-9a-f]{6}$/i.test(text)) onChange(Number.parseInt(text.slice(1), 16))
  }
  return (
    <div className="flex items-center gap-2">
      <input
        type="color"
        aria-label={t('Pick {{label}}', { label })}
        value={/^#[0-9a-f]{6}$/i.test(shown) ? shown : '#000000'}
        onChange={(event) => give(event.target.value)}
        disabled={disabled}
        className="size-control shrink-0 cursor-pointer rounded-control border border-line-strong/70 bg-bg p-1"
      />
      <Input
        id={id}
        value={shown}
        onChange={give}
        aria-describedby={describedBy}
        aria-invalid={invalid || undefined}
        disabled={disabled}
        className="font-mono"
      />
    </div>
  )
}
