/** What a port looks like by its type, and which ports fit together. */

export type PortForm = 'circle' | 'diamond' | 'hexagon' | 'square' | 'ring'

export interface PortLook {
  form: PortForm
  /** A CSS colour. */
  colour: string
}

const LOOKS: Record<string, [PortForm, string]> = {
  IMAGE: ['circle', 'image'],
  VIDEO: ['circle', 'image'],
  AUDIO: ['circle', 'text'],
  MASK: ['circle', 'mask'],
  LATENT: ['circle', 'latent'],
  MODEL: ['diamond', 'model'],
  CLIP: ['diamond', 'clip'],
  CLIP_VISION: ['diamond', 'clip'],
  VAE: ['diamond', 'vae'],
  STYLE_MODEL: ['diamond', 'model'],
  UPSCALE_MODEL: ['diamond', 'model'],
  MODEL_PATCH: ['diamond', 'model'],
  CONTROL_NET: ['diamond', 'control'],
  CONDITIONING: ['hexagon', 'conditioning'],
  GUIDER: ['hexagon', 'conditioning'],
  STRING: ['square', 'text'],
  COMBO: ['square', 'text'],
  INT: ['square', 'int'],
  FLOAT: ['square', 'float'],
  BOOLEAN: ['square', 'bool'],
  SIGMAS: ['square', 'float'],
  NOISE: ['circle', 'int'],
  SAMPLER: ['diamond', 'int'],
}

const looks = new Map<string, PortLook>()

/** Form and colour of a port. Types that are not known are neutral circles; those that take anything are rings. */
export function lookOf(type: string): PortLook {
  const known = looks.get(type)
  if (known) return known
  const [form, name] = isAny(type) ? ['ring' as const, 'any'] : (LOOKS[firstType(type)] ?? ['circle', 'any'])
  const look: PortLook = { form: form as PortForm, colour: `var(--port-${name})` }
  looks.set(type, look)
  return look
}

const firstType = (type: string): string => type.split(',')[0]!.trim().toUpperCase()

const isAny = (type: string): boolean => type === '' || type === '*' || /^COMFY_MATCHTYPE/.test(type)

/** A port's type as text, however the file has it. */
export const typeText = (type: unknown): string =>
  Array.isArray(type) ? 'COMBO' : type === 0 || type === null || type === undefined ? '*' : String(type)

/** Whether what one port gives is what the other takes. Both may name several types. */
export function fits(given: string, taken: string): boolean {
  if (isAny(given) || isAny(taken)) return true
  const offered = given.split(',').map(clean)
  return taken.split(',').some((type) => offered.includes(clean(type)))
}

const clean = (type: string): string => type.trim().toUpperCase()
