/** Which control suits an input. */
import { DYNAMIC_COMBO, type InputDefinition } from './definitions'
import type { Control, ControlType } from './form'
import { isUpload } from './widget-reading'
import type { Role } from './workflow'

/** From here on a list of choices is searched instead of looked through. */
const LONG = 12
/** A range of at most so many steps is a slider. */
const FINE = 1000

/** The control for an input, by its role, else by its type. */
export function controlFor(input: InputDefinition, role: Role, picture: boolean): Control {
  const limits = limitsOf(input)
  if (role === 'sampler.seed') return { type: 'seed', ...limits }
  if (role === 'lora.list') return { type: 'loras' }
  if (role === 'image.mask') return { type: 'mask' }
  if (picture || input.settings.image_upload) return { type: 'image' }
  if (isUpload(input)) return { type: 'file' }
  if (role.startsWith('prompt.')) return { type: 'prompt' }
  if (role.startsWith('model.') || /^control\[\d+\]\.model$/.test(role))
    return { type: 'model', ...folderOf(input) }
  return { type: plainControl(input), ...limits }
}

function plainControl(input: InputDefinition): ControlType {
  switch (input.type) {
    case 'BOOLEAN':
      return 'switch'
    case 'STRING':
      return input.settings.multiline ? 'area' : 'line'
    case 'COLOR':
      return 'color'
    case 'COMBO':
    case DYNAMIC_COMBO:
      return (input.options?.length ?? 0) > LONG ? 'searchable' : 'select'
    case 'INT':
    case 'FLOAT':
      return numberControl(input)
    default:
      return 'line'
  }
}

function numberControl(input: InputDefinition): ControlType {
  const { min, max, step } = limitsOf(input)
  if (min === undefined || max === undefined || max <= min) return 'number'
  const steps = (max - min) / (step || 1)
  return steps <= FINE ? 'both' : 'number'
}

/** Limits of a number, and the choices of a dynamic choice. */
export function limitsOf(
  input: InputDefinition,
): Pick<Control, 'min' | 'max' | 'step' | 'whole' | 'choices'> {
  const { min, max, step } = input.settings
  const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
  const keys =
    input.type === DYNAMIC_COMBO && Array.isArray(input.settings.options) ? input.settings.options : []
  return {
    ...(isNumber(min) ? { min } : {}),
    ...(isNumber(max) ? { max } : {}),
    ...(isNumber(step) ? { step } : {}),
    ...(input.type === 'INT' ? { whole: true } : {}),
    ...(keys.length > 0 ? { choices: keys.map((entry) => String((entry as { key?: unknown })?.key)) } : {}),
  }
}

function folderOf(input: InputDefinition): { folder?: string } {
  const folder = FOLDERS.find(([pattern]) => pattern.test(input.name))?.[1]
  return folder ? { folder } : {}
}

const FOLDERS: [RegExp, string][] = [
  [/^ckpt/, 'checkpoints'],
  [/^unet|^diffusion/, 'diffusion_models'],
  [/^vae/, 'vae'],
  [/^clip|^text_encoder/, 'text_encoders'],
  [/^control_net/, 'controlnet'],
  [/^lora/, 'loras'],
]
