/** What fields are called: as their author called them, else by what they mean, else by the name of the input. */
import type { InputDefinition, NodeDefinition } from './definitions'
import type { Place, Role, WorkflowNode } from './workflow'

const BY_ROLE: Record<Role, string> = {
  'prompt.positive': 'Prompt',
  'prompt.negative': 'Negative prompt',
  'image.init': 'Image',
  'image.mask': 'Mask',
  'image.reference': 'Reference image',
  'size.width': 'Width',
  'size.height': 'Height',
  'batch.count': 'Pictures at once',
  'sampler.seed': 'Seed',
  'sampler.steps': 'Steps',
  'sampler.cfg': 'Guidance',
  'sampler.guidance': 'Guidance',
  'sampler.name': 'Sampler',
  'sampler.scheduler': 'Schedule',
  'sampler.denoise': 'Strength',
  'model.main': 'Model',
  'model.vae': 'VAE',
  'model.text_encoder': 'Text encoder',
  'lora.list': 'LoRAs',
}

const BY_CONTROL: Record<string, string> = {
  image: 'Control image',
  model: 'Control model',
  strength: 'Control strength',
  start: 'Control start',
  end: 'Control end',
}

/** The label of the value at a place. */
export function labelOf(
  place: Place,
  holder: WorkflowNode,
  input: InputDefinition,
  role: Role,
  definition: NodeDefinition | undefined,
): string {
  const slot = holder.inputs?.find((entry) => entry.name === place.widget)
  const label = typeof slot?.label === 'string' && slot.label !== place.widget ? slot.label : ''
  const isHolder =
    /^(value|text|string|image|video|audio|prompt)$/.test(place.widget) && isTitled(holder, definition)
  if (label) return spoken(label)
  if (isHolder && !role) return spoken(holder.title as string)
  const control = /^control\[\d+\]\.(\w+)$/.exec(role)?.[1]
  const byRole = control ? BY_CONTROL[control] : BY_ROLE[role]
  const display = input.settings.display_name
  return (
    byRole ??
    (isHolder ? spoken(holder.title as string) : spoken(typeof display === 'string' ? display : place.widget))
  )
}

const isTitled = (node: WorkflowNode, definition: NodeDefinition | undefined): boolean =>
  Boolean(node.title) && node.title !== node.type && node.title !== definition?.title

/** A name as people write it: `sampler_name` is "Sampler name". */
export function spoken(name: string): string {
  const text = name.replace(/^.*\./, '').replace(/[_]+/g, ' ').trim()
  return text.charAt(0).toUpperCase() + text.slice(1)
}
