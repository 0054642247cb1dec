/** Settings that a model can be recommended with: their roles, what they are called, and what makes sense. */
import { t } from '@/i18n/text'

export type Recommended = Record<string, string | number | boolean>

export interface Setting {
  role: string
  /** What a model's usual settings call it. */
  usual: string
  label: () => string
  least?: number
  most?: number
  whole?: boolean
  /** Name of the widget whose choices it has. */
  list?: string
}

export const SETTINGS: readonly Setting[] = [
  { role: 'sampler.steps', usual: 'steps', label: () => t('Steps'), least: 1, most: 10_000, whole: true },
  { role: 'sampler.cfg', usual: 'guidance', label: () => t('Guidance'), least: 0, most: 100 },
  { role: 'size.width', usual: 'width', label: () => t('Width'), least: 16, most: 16_384, whole: true },
  { role: 'size.height', usual: 'height', label: () => t('Height'), least: 16, most: 16_384, whole: true },
  { role: 'sampler.name', usual: 'sampler', label: () => t('Sampler'), list: 'sampler_name' },
  { role: 'sampler.scheduler', usual: 'schedule', label: () => t('Schedule'), list: 'scheduler' },
]

/** The number that a text means within what makes sense; undefined: none, so the usual one counts. */
export function numberOf(text: string, { least = 0, most = 1, whole }: Setting): number | undefined {
  const number = Number(text.replace(',', '.'))
  if (!text.trim() || !Number.isFinite(number)) return undefined
  const kept = Math.max(least, Math.min(most, number))
  return whole ? Math.round(kept) : kept
}

/** Settings with another value for a role, or without one. */
export function withSetting(
  settings: Recommended,
  role: string,
  value: string | number | undefined,
): Recommended {
  const { [role]: _, ...rest } = settings
  return value === undefined ? rest : { ...rest, [role]: value }
}
