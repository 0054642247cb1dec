/** What every control of a form is given: the same for all, so that one field may have another control at any time. */
import type { Control } from '@/doc/form'

export interface ControlProps {
  /** Ties it to its label. */
  id: string
  /** Its name, for controls that a label element cannot name. */
  label: string
  control: Control
  value: unknown
  onChange: (value: unknown) => void
  describedBy?: string
  invalid?: boolean
  disabled?: boolean
}

export const asNumber = (value: unknown, otherwise = 0): number => {
  const number =
    typeof value === 'string' ? Number.parseFloat(value) : typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : otherwise
}

export const asText = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)

/** Limits of a number that nodes leave open are too far apart for a slider; these are what is usual. */
export function sliderRange({ min, max, step, whole }: Control, value: number): [number, number, number] {
  const low = min ?? Math.min(0, value)
  const high = max ?? Math.max(whole ? 100 : 1, value * 2)
  return [low, high, step ?? (whole ? 1 : (high - low) / 100)]
}
