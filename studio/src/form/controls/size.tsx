import { ArrowLeftRight, Lock, LockOpen } from 'lucide-react'
import { shownNumber, t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { NumberInput } from '@/ui/number-input'
import { usePreference } from '@/ui/remembered'
import { asNumber, type ControlProps } from '../control-props'
import { RatioChips } from '../ratio-chips'
import { type Size, type SizeLimits, withHeight, withWidth } from '../sizes'

export const asSize = (value: unknown): Size => {
  const record = (value ?? {}) as Partial<Size>
  return { width: asNumber(record.width, 512), height: asNumber(record.height, 512) }
}

export interface SizeFieldsProps {
  id: string
  size: Size
  limits: SizeLimits
  onChange: (size: Size) => void
  describedBy?: string
  invalid?: boolean
  disabled?: boolean
}

/** Ratios, both sides, lock and swap. Sides are put on the model's grid. */
export function SizeFields({ id, size, limits, onChange, ...rest }: SizeFieldsProps) {
  const [locked, lock] = usePreference('size.locked', false)
  const shared = { ...rest, min: limits.min, max: limits.max, step: limits.multiple, whole: true }
  const pixels = limits.pixels ?? size.width * size.height
  return (
    <div className="flex flex-col gap-2">
      <RatioChips size={size} pixels={pixels} limits={limits} onChange={onChange} />
      <div className="flex items-center gap-1">
        <NumberInput
          {...shared}
          id={id}
          label={t('Width')}
          value={size.width}
          onChange={(width) => onChange(locked ? withWidth(size, width, limits) : { ...size, width })}
          className="min-w-0 flex-1"
        />
        <IconButton
          label={t('Swap width and height')}
          onClick={() => onChange({ width: size.height, height: size.width })}
          disabled={rest.disabled}
        >
          <ArrowLeftRight size={16} />
        </IconButton>
        <NumberInput
          {...shared}
          label={t('Height')}
          value={size.height}
          onChange={(height) => onChange(locked ? withHeight(size, height, limits) : { ...size, height })}
          className="min-w-0 flex-1"
        />
        <IconButton
          label={locked ? t('Let the sides change freely') : t('Keep the ratio')}
          pressed={locked}
          onClick={() => lock(!locked)}
        >
          {locked ? <Lock size={16} /> : <LockOpen size={16} />}
        </IconButton>
      </div>
    </div>
  )
}

/** `0.79 MP`, or pixels where there are few. */
export function shownPixels({ width, height }: Size): string {
  const pixels = width * height
  return pixels < 100_000
    ? t('{{number}} pixels', { number: shownNumber(pixels) })
    : t('{{number}} MP', { number: shownNumber(pixels / 1e6, { maximumFractionDigits: 2 }) })
}

export const SizeControl = ({
  id,
  control,
  value,
  onChange,
  describedBy,
  invalid,
  disabled,
}: ControlProps) => (
  <SizeFields
    id={id}
    size={asSize(value)}
    limits={{ multiple: control.step ?? 8, min: control.min ?? 16, max: control.max ?? 16_384 }}
    onChange={onChange}
    describedBy={describedBy}
    invalid={invalid}
    disabled={disabled}
  />
)
