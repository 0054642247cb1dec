/** What roles are called, and their values in a few words. */
import { shownNumber, t } from '@/i18n/text'

const names = (): Record<string, string> => ({
  'model.main': t('model'),
  'model.vae': t('autoencoder'),
  'model.text_encoder': t('text encoder'),
  'prompt.positive': t('prompt'),
  'prompt.negative': t('negative prompt'),
  'size.width': t('width'),
  'size.height': t('height'),
  'batch.count': t('batch size'),
  'sampler.seed': t('seed'),
  'sampler.steps': t('steps'),
  'sampler.cfg': t('guidance'),
  'sampler.guidance': t('guidance'),
  'sampler.name': t('sampler'),
  'sampler.scheduler': t('schedule'),
  'sampler.denoise': t('strength'),
  'image.init': t('input picture'),
  'image.mask': t('mask'),
  'image.reference': t('reference picture'),
  'lora.list': t('LoRAs'),
  'refine.factor': t('second pass'),
  'refine.strength': t('strength of the second pass'),
  'refine.steps': t('steps of the second pass'),
  'refine.model': t('enlarging model'),
  'output.format': t('format'),
  'output.quality': t('quality'),
  'upscale.factor': t('upscaling'),
  'upscale.model': t('enlarging model'),
})

export const roleName = (role: string): string => names()[role] ?? role

export function shownRole(value: unknown): string {
  if (typeof value === 'number') return shownNumber(value, { maximumFractionDigits: 2, useGrouping: false })
  if (Array.isArray(value)) return value.map((entry) => (entry as { name?: string }).name ?? '').join(', ')
  return String(value)
}
