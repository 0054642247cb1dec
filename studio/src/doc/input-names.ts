/** Names of an app's inputs for programs, made from what its fields mean and are called. */
import type { FormField } from './form'
import type { Place } from './workflow'

export interface NamedInput {
  name: string
  places: Place[]
  field: FormField
}

const BY_ROLE: Record<string, string> = {
  'prompt.positive': 'prompt',
  'prompt.negative': 'negative_prompt',
  'sampler.seed': 'seed',
  'sampler.steps': 'steps',
  'sampler.cfg': 'guidance',
  'sampler.name': 'sampler',
  'sampler.scheduler': 'schedule',
  'sampler.denoise': 'strength',
  'image.init': 'image',
  'image.mask': 'mask',
  'model.main': 'model',
  'batch.count': 'count',
}

/** One name for each value that can be sent; a size is two. Lists of LoRAs are the app's own business. */
export function inputNames(fields: FormField[]): NamedInput[] {
  const taken = new Set<string>()
  const free = (name: string): string => {
    let found = name
    for (let number = 2; taken.has(found); number += 1) found = `${name}_${number}`
    taken.add(found)
    return found
  }
  return fields.flatMap((field): NamedInput[] => {
    if (field.control.type === 'loras' || field.control.type === 'hidden') return []
    if (field.control.type === 'size') {
      const side = (first: number) => field.places.filter((_, at) => at % 2 === first)
      return [
        { name: free('width'), places: side(0), field },
        { name: free('height'), places: side(1), field },
      ]
    }
    return [{ name: free(BY_ROLE[field.role ?? ''] ?? slug(field.label)), places: field.places, field }]
  })
}

/** A name that programs can write: letters, digits and `_`, no digit first. */
export function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 48)
  return /^[a-z]/.test(plain) ? plain : `input${plain ? `_${plain}` : ''}`
}

/** A name of an app in addresses. */
export function appName(title: string): string {
  const name = slug(title).replaceAll('_', '-').slice(0, 40)
  return name === 'input' ? 'app' : name
}
