/** What samplers are set to: steps, guidance, seeds, the size and number of what they draw, the models that they use. */
import { type FlowNode, inputNames, inputType, reach } from './flow'
import { add, isPart, type Trace } from './trace-start'
import { keyOf, valueBehind } from './value-trace'
import type { Role } from './workflow'

const SAMPLING: [RegExp, Role][] = [
  [/^steps$/, 'sampler.steps'],
  [/^cfg$/, 'sampler.cfg'],
  [/^guidance$/, 'sampler.guidance'],
  [/^sampler_name$/, 'sampler.name'],
  [/^scheduler$/, 'sampler.scheduler'],
  [/^denoise$/, 'sampler.denoise'],
]

/** Steps, guidance and so on: at samplers, at what they are put together from, and on the way of the conditioning. */
export function traceSampling(found: Trace): void {
  const parts = reach(found.flow, found.drawing, isPart)
  const guides = reach(found.flow, found.samplers, (type) => type === 'CONDITIONING')
  for (const at of new Map([...parts, ...guides]).values()) {
    for (const name of inputNames(at)) {
      const role = SAMPLING.find(([pattern]) => pattern.test(name))?.[1]
      if (!role || (!parts.has(at.id) && role !== 'sampler.guidance')) continue
      add(found, role, valueBehind(found.flow, at, name))
    }
  }
}

/** Seeds of what draws; where nothing is known to draw, all seeds. */
export function traceSeeds(found: Trace): void {
  const parts = [...reach(found.flow, found.drawing, isPart).values()]
  for (const nodes of [parts, [...found.feeding.values()]]) {
    if (found.roles['sampler.seed']) return
    for (const at of nodes) {
      for (const name of inputNames(at)) {
        if (/(^|\.)(noise_)?seed$/.test(name)) add(found, 'sampler.seed', valueBehind(found.flow, at, name))
      }
    }
  }
}

/** The latent back to the node that makes it: its width, height and batch. */
export function traceSizes(found: Trace): void {
  for (const at of reach(found.flow, found.drawing, (type) => type === 'LATENT').values()) {
    const names = inputNames(at)
    if (!at.node.outputs?.some((output) => output.type === 'LATENT')) continue
    if (names.includes('width') && names.includes('height')) {
      add(found, 'size.width', valueBehind(found.flow, at, 'width'))
      add(found, 'size.height', valueBehind(found.flow, at, 'height'))
    }
    if (names.includes('batch_size')) add(found, 'batch.count', valueBehind(found.flow, at, 'batch_size'))
  }
}

const isLora = (name: string): boolean => /^lora(_name|_\d+(_name)?)?$/.test(name)

const LOADED: [string, Role][] = [
  ['MODEL', 'model.main'],
  ['CLIP', 'model.text_encoder'],
  ['VAE', 'model.vae'],
]

/** Models back through everything that changes them, to their loaders. */
export function traceModels(found: Trace): void {
  for (const [type, role] of LOADED) {
    const users = type === 'MODEL' ? found.drawing : [...found.feeding.values()]
    for (const at of reach(found.flow, users, (kind) => kind === type || kind === 'GUIDER').values()) {
      if (at.node.outputs?.some((output) => output.type === type)) addLoader(found, at, type, role)
    }
  }
  const main = new Set((found.roles['model.main'] ?? []).map(keyOf))
  for (const role of ['model.vae', 'model.text_encoder']) {
    const own = found.roles[role]?.filter((place) => !main.has(keyOf(place)))
    if (own?.length) found.roles[role] = own
    else delete found.roles[role]
  }
}

function addLoader(found: Trace, at: FlowNode, type: string, role: Role): void {
  const names = inputNames(at)
  const changes = names.some((name) => inputType(at, name) === type)
  for (const name of names) {
    if (type === 'MODEL' && isLora(name)) add(found, 'lora.list', valueBehind(found.flow, at, name))
    else if (!changes && isModelChoice(at, name)) add(found, role, valueBehind(found.flow, at, name))
  }
}

/** Whether an input chooses a model's file. */
function isModelChoice(at: FlowNode, name: string): boolean {
  const input = at.definition?.inputs.find((entry) => entry.name === name)
  if ((input && input.type !== 'COMBO') || isLora(name)) return false
  return /^(ckpt|unet|clip|vae|model|gguf|text_encoder|diffusion_model)(_name)?\d?$|_name\d?$/.test(name)
}
