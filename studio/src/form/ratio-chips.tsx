import { ToggleGroup } from 'radix-ui'
import { t } from '@/i18n/text'
import { ratiosFor, type Size, type SizeLimits } from './sizes'

const BOX = 16

export interface RatioChipsProps {
  size: Size
  /** About how many pixels a chosen ratio gets. */
  pixels: number
  limits: SizeLimits
  onChange: (size: Size) => void
}

/** The usual ratios, each drawn as it looks. */
export function RatioChips({ size, pixels, limits, onChange }: RatioChipsProps) {
  const ratios = ratiosFor(pixels, limits)
  if (ratios.length < 2) return null
  const chosen = ratios.find((entry) => entry.size.width === size.width && entry.size.height === size.height)
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={t('Ratio')}
      value={chosen?.ratio.name ?? ''}
      onValueChange={(name) => {
        const entry = ratios.find(({ ratio }) => ratio.name === name)
        if (entry) onChange(entry.size)
      }}
      className="grid grid-cols-[repeat(auto-fit,minmax(32px,1fr))] gap-1"
    >
      {ratios.map(({ ratio, size: { width, height } }) => (
        <ToggleGroup.Item
          key={ratio.name}
          value={ratio.name}
          aria-label={t('{{ratio}}: {{width}} by {{height}}', { ratio: ratio.name, width, height })}
          title={`${width} × ${height}`}
          className="group flex h-12 flex-col items-center justify-end gap-1 rounded-control border border-transparent pb-1 text-caption text-muted hover:bg-hover data-[state=on]:border-accent data-[state=on]:bg-accent-soft data-[state=on]:text-text"
        >
          <span
            aria-hidden="true"
            className="shrink-0 rounded-[2px] border border-line-strong group-data-[state=on]:border-accent"
            style={{
              width: Math.round(BOX * Math.min(1, ratio.value)),
              height: Math.round(BOX / Math.max(1, ratio.value)),
            }}
          />
          {ratio.name}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
