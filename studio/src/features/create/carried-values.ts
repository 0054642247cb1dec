/** Which values go along when another model or task is chosen: what somebody set stays, what was a default becomes the new one. */

import type { DrawingModel } from '@/form/recipe-list'
import { sizeOf } from '@/form/sizes'
import type { RoleValues } from './recipes'

/** Roles whose value is a model's own default until somebody changes it. */
const DEFAULTS: Record<string, keyof DrawingModel['defaults']> = {
  'sampler.steps': 'steps',
  'sampler.cfg': 'guidance',
  'sampler.guidance': 'guidance',
  'sampler.name': 'sampler',
  'sampler.scheduler': 'schedule',
}

/** Files of the old model that the new one brings itself. */
const OWN = ['model.main', 'model.vae', 'model.text_encoder']

export interface Change {
  from: DrawingModel | undefined
  to: DrawingModel | undefined
  otherTask: boolean
}

/** The values for the next recipe. */
export function carriedValues(values: RoleValues, { from, to, otherTask }: Change): RoleValues {
  const next = { ...values }
  for (const role of OWN) delete next[role]
  // How strongly is painted over is each task's own: whole for a text, a part for a picture.
  if (otherTask) delete next['sampler.denoise']
  if (!from || !to || from.name === to.name) return next
  for (const [role, name] of Object.entries(DEFAULTS)) {
    if (next[role] === from.defaults[name]) delete next[role]
  }
  if (next['prompt.positive'] === from.prompt) delete next['prompt.positive']
  const [width, height] = [Number(next['size.width']), Number(next['size.height'])]
  if (width === from.defaults.width && height === from.defaults.height) {
    delete next['size.width']
    delete next['size.height']
  } else if (width > 0 && height > 0) {
    const { pixels = to.defaults.width * to.defaults.height } = to.sizes
    const size = sizeOf(width / height, pixels, to.sizes)
    next['size.width'] = size.width
    next['size.height'] = size.height
  }
  return next
}
