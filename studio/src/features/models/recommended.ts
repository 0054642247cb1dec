/** Settings that can be recommended for a model, by role; they are applied when the model is chosen. */
import { t } from '@/i18n/text'

export const SETTINGS = [
  'sampler.steps',
  'sampler.cfg',
  'sampler.guidance',
  'sampler.name',
  'sampler.scheduler',
  'size.width',
  'size.height',
  'prompt.negative',
  'lora.weight',
] as const

const TITLES: Record<string, () => string> = {
  'sampler.steps': () => t('Steps'),
  'sampler.cfg': () => t('Guidance (CFG)'),
  'sampler.guidance': () => t('Guidance'),
  'sampler.name': () => t('Sampler'),
  'sampler.scheduler': () => t('Schedule'),
  'size.width': () => t('Width'),
  'size.height': () => t('Height'),
  'prompt.negative': () => t('Negative prompt'),
  'lora.weight': () => t('Weight'),
}

export const settingTitle = (role: string): string => TITLES[role]?.() ?? role

/** `20` as a number, anything else as it is. */
export const readValue = (text: string): string | number => {
  const number = Number(text.trim().replace(',', '.'))
  return text.trim() !== '' && Number.isFinite(number) ? number : text.trim()
}
