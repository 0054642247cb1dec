/** Node definitions as the server lists them (`/object_info`), read into what the studio asks of them. */

export interface InputDefinition {
  name: string
  /** `INT`, `FLOAT`, `STRING`, `BOOLEAN`, `COMBO` or the type of a socket. */
  type: string
  required: boolean
  hidden: boolean
  /** Choices of a COMBO. */
  options?: (string | number | boolean)[]
  /** What stands beside the type: default, min, max, step, multiline, tooltip, image_upload ... */
  settings: Record<string, unknown>
}

export interface OutputDefinition {
  name: string
  type: string
  list: boolean
  tooltip?: string
}

export interface NodeDefinition {
  type: string
  title: string
  category: string
  description: string
  isOutput: boolean
  deprecated: boolean
  experimental: boolean
  /** Module that defines it, for nodes of packs. */
  pack: string
  inputs: InputDefinition[]
  outputs: OutputDefinition[]
  aliases: string[]
}

export type Definitions = ReadonlyMap<string, NodeDefinition>

// biome-ignore lint/suspicious/noExplicitAny: it comes from the server, and is read with care.
type Raw = Record<string, any>

/** Reads `/object_info`. Entries that are broken are left out: one bad pack must not take the rest along. */
export function readDefinitions(raw: Record<string, unknown>): Definitions {
  const found = new Map<string, NodeDefinition>()
  for (const [type, entry] of Object.entries(raw)) {
    try {
      found.set(type, readDefinition(type, entry as Raw))
    } catch {
      // Left out.
    }
  }
  return found
}

function readDefinition(type: string, raw: Raw): NodeDefinition {
  const names: string[] = raw.output_name ?? []
  const lists: boolean[] = raw.output_is_list ?? []
  const tips: string[] = raw.output_tooltips ?? []
  return {
    type,
    title: raw.display_name || type,
    category: raw.category ?? '',
    description: raw.description ?? '',
    isOutput: raw.output_node === true,
    deprecated: raw.deprecated === true,
    experimental: raw.experimental === true,
    pack: raw.python_module ?? '',
    inputs: (['required', 'optional', 'hidden'] as const).flatMap((section) => readSection(raw, section)),
    outputs: (raw.output ?? []).map((kind: unknown, at: number) => ({
      name: names[at] ?? (Array.isArray(kind) ? 'COMBO' : String(kind)),
      type: Array.isArray(kind) ? 'COMBO' : String(kind),
      list: lists[at] === true,
      tooltip: tips[at],
    })),
    aliases: raw.search_aliases ?? [],
  }
}

function readSection(raw: Raw, section: 'required' | 'optional' | 'hidden'): InputDefinition[] {
  const entries: Raw = raw.input?.[section] ?? {}
  const order: string[] = raw.input_order?.[section] ?? Object.keys(entries)
  return order.filter((name) => name in entries).map((name) => readInput(name, entries[name], section))
}

/** Types whose values are typed or chosen. */
export const VALUE_TYPES: ReadonlySet<string> = new Set(['INT', 'FLOAT', 'STRING', 'BOOLEAN', 'COMBO'])

/** Types beside the plain ones that stand for a value in the node. */
const CUSTOM_WIDGETS = new Set([
  ...['LOAD_3D', 'LOAD_3D_ANIMATION', 'WEBCAM', 'AUDIO_RECORD', 'IMAGEUPLOAD', 'AUDIOUPLOAD'],
  ...['COLOR', 'COLORS', 'BOUNDING_BOX', 'CURVE', 'RANGE', 'PAINTER', 'MARKDOWN', 'TEXTAREA'],
])

/** An input that has as many sockets or values as are used. */
export const AUTOGROW = 'COMFY_AUTOGROW_V3'
/** A choice with inputs of its own behind each option. */
export const DYNAMIC_COMBO = 'COMFY_DYNAMICCOMBO_V3'
export const DYNAMIC_TYPES: ReadonlySet<string> = new Set([
  AUTOGROW,
  DYNAMIC_COMBO,
  'COMFY_DYNAMICSLOT_V3',
  'COMFY_DYNAMICGROUP_V3',
])

/** Whether an input is a widget (a value that is typed or chosen), not only a socket. */
export const isWidget = (input: InputDefinition): boolean =>
  !input.hidden &&
  !input.settings.forceInput &&
  (VALUE_TYPES.has(input.type) ||
    CUSTOM_WIDGETS.has(input.type) ||
    input.type === DYNAMIC_COMBO ||
    Boolean(input.settings.widgetType))

/** Reads one input as `/object_info` declares it: `[type, settings]`; a list of choices is the type COMBO. */
export function readInput(name: string, entry: unknown, section: string): InputDefinition {
  const [kind, more] = Array.isArray(entry) ? entry : [entry, {}]
  const settings = (more && typeof more === 'object' ? more : {}) as Record<string, unknown>
  const options = Array.isArray(kind) ? kind : kind === 'COMBO' ? settings.options : undefined
  return {
    name,
    type: Array.isArray(kind) ? 'COMBO' : String(kind),
    required: section === 'required',
    hidden: section === 'hidden',
    ...(Array.isArray(options) ? { options } : {}),
    settings,
  }
}
