/**
 * Which entry of a node's array of values belongs to which widget.
 *
 * The array has the values in the order in which a page made its widgets, with entries in between that are none: what to
 * do with a seed after a run, upload buttons, leftovers. The server reads it by the same rules; both must stay equal.
 */
import {
  AUTOGROW,
  DYNAMIC_COMBO,
  DYNAMIC_TYPES,
  type InputDefinition,
  isWidget,
  type NodeDefinition,
  readInput,
  VALUE_TYPES,
} from './definitions'
import { isWhole } from './exact-numbers'
import type { WorkflowNode } from './workflow'

/** Room for one value; without an input for a value that belongs to none. */
interface Room {
  input?: InputDefinition
  behind?: Map<unknown, Room[]>
}

export interface Reading {
  /** For each entry of the array the input that it belongs to, or undefined. */
  inputs: (InputDefinition | undefined)[]
  /** Rooms that the array is too short for. */
  missing: InputDefinition[]
  /** How many entries had no room, and how many are not of their input's type. */
  left: number
  misfits: number
}

const AFTER_GENERATE = new Set(['fixed', 'increment', 'decrement', 'randomize', 'increment-wrap'])
const SEEDS = new Set(['seed', 'noise_seed'])
const UPLOADS = [
  'image_upload',
  'video_upload',
  'audio_upload',
  'animated_image_upload',
  'file_upload',
  'upload',
]
const BUTTONS = new Set(['image', 'video', 'audio', 'file', 'upload'])
const DEEPEST = 8

/** Reads a node's array of values: of the ways in which pages have written them, the one that fits best. */
export function readArray(node: WorkflowNode, definition: NodeDefinition | undefined): Reading {
  const written = Array.isArray(node.widgets_values) ? node.widgets_values : []
  if (!definition) return readUnknown(node, written)
  const readings = [
    share(written, roomsOf(definition, node, false)),
    share(written, roomsOf(definition, node, true)),
    withoutNulls(written, roomsOf(definition, node, false)),
  ]
  return readings.reduce((best, reading) => (isBetter(reading, best) ? reading : best))
}

const isBetter = (one: Reading, other: Reading): boolean =>
  one.left > 0 !== other.left > 0 ? one.left === 0 : one.misfits < other.misfits

function readUnknown(node: WorkflowNode, written: unknown[]): Reading {
  const rooms = widgetSlots(node).map((slot) => ({ input: slotInput(slot.name, slot.type) }))
  const reading = share(written, rooms)
  if (rooms.length > 0 && reading.left === 0) return reading
  return { inputs: written.map(() => undefined), missing: [], left: written.length, misfits: 0 }
}

/** The sockets of a node that are widgets as well. */
export const widgetSlots = (node: WorkflowNode) =>
  (node.inputs ?? []).filter((slot) => slot?.widget && typeof slot.name === 'string')

/** What is known of a widget of which there is only a socket. */
export const slotInput = (name: string, type: unknown): InputDefinition => ({
  name,
  type: typeof type === 'string' && type ? type : Array.isArray(type) ? 'COMBO' : '*',
  required: false,
  hidden: false,
  ...(Array.isArray(type) ? { options: type } : {}),
  settings: {},
})

/** Rooms of a node of a known type. `forced`: with one for every input that is a socket by force, as older pages had. */
function roomsOf(definition: NodeDefinition, node: WorkflowNode, forced: boolean): Room[] {
  const shown = new Set(widgetSlots(node).map((slot) => slot.name))
  const own = ownInputs(definition)
  const ordered = [...own.filter((input) => input.required), ...own.filter((input) => !input.required)]
  return ordered.flatMap((input): Room[] => {
    if (input.type === AUTOGROW) return grownRooms(input, node)
    if (input.settings.forceInput) return forced && VALUE_TYPES.has(input.type) ? [{}] : []
    return isWidget(input) || shown.has(input.name) ? [roomOf(input)] : []
  })
}

/** Inputs without the flat ones that a dynamic input brings: it says itself what they are. */
function ownInputs(definition: NodeDefinition): InputDefinition[] {
  const inputs = definition.inputs.filter((input) => !input.hidden)
  const dynamic = new Set(inputs.filter((input) => DYNAMIC_TYPES.has(input.type)).map((input) => input.name))
  return inputs.filter(
    (input) => dynamic.has(input.name) || !dynamic.has(input.name.split('.', 1)[0] as string),
  )
}

const roomOf = (input: InputDefinition): Room =>
  input.type === DYNAMIC_COMBO ? { input, behind: roomsBehind(input.name, input.settings, 0) } : { input }

function grownRooms(input: InputDefinition, node: WorkflowNode): Room[] {
  return widgetSlots(node)
    .filter((slot) => slot.name.startsWith(`${input.name}.`))
    .map((slot) => ({ input: slotInput(slot.name, slot.type) }))
}

/** Rooms behind every option of a dynamic choice. */
function roomsBehind(outer: string, settings: Record<string, unknown>, depth: number): Map<unknown, Room[]> {
  const found = new Map<unknown, Room[]>()
  const options = Array.isArray(settings.options) ? settings.options : []
  for (const option of options) {
    if (option && typeof option === 'object' && 'key' in option && depth < DEEPEST) {
      found.set(option.key, declaredRooms(outer, option.inputs, depth))
    }
  }
  return found
}

function declaredRooms(outer: string, inputs: unknown, depth: number): Room[] {
  const sections = (inputs && typeof inputs === 'object' ? inputs : {}) as Record<string, unknown>
  return ['required', 'optional'].flatMap((section) =>
    Object.entries((sections[section] ?? {}) as Record<string, unknown>).flatMap(([name, written]) => {
      const input = readInput(`${outer}.${name}`, written, section)
      if (!isWidget(input)) return []
      return input.type === DYNAMIC_COMBO
        ? [{ input, behind: roomsBehind(input.name, input.settings, depth + 1) }]
        : [{ input }]
    }),
  )
}

/** Gives each room its entry. Entries that are no inputs are passed over. */
export function share(written: unknown[], rooms: Room[]): Reading {
  const inputs: (InputDefinition | undefined)[] = []
  const rest = [...rooms].reverse()
  let misfits = 0
  let uploads = false
  while (rest.length > 0 && inputs.length < written.length) {
    const room = rest.pop() as Room
    const value = written[inputs.length]
    inputs.push(room.input)
    if (!suits(value, room.input)) misfits += 1
    uploads ||= isUpload(room.input)
    rest.push(...[...(room.behind?.get(value) ?? [])].reverse())
    const companions = companionsOf(room.input, written.slice(inputs.length), rest.length)
    for (let count = 0; count < companions; count += 1) inputs.push(undefined)
  }
  let left = written.length - inputs.length
  if (left > 0 && uploads && isButton(written.at(-1))) left -= 1
  while (inputs.length < written.length) inputs.push(undefined)
  return { inputs, missing: missingOf(rest), left, misfits }
}

/** Inputs that have no value: those behind a dynamic choice are found once it has one. */
const missingOf = (rest: Room[]): InputDefinition[] =>
  [...rest].reverse().flatMap((room): InputDefinition[] => {
    if (!room.input) return []
    const chosen = room.behind?.keys().next().value
    return [room.input, ...missingOf([...(room.behind?.get(chosen) ?? [])].reverse())]
  })

/** The reading of what is not null: buttons of packs leave nulls. */
function withoutNulls(written: unknown[], rooms: Room[]): Reading {
  const reading = share(
    written.filter((value) => value !== null),
    rooms,
  )
  let at = 0
  return {
    ...reading,
    inputs: written.map((value) => {
      if (value === null) return undefined
      at += 1
      return reading.inputs[at - 1]
    }),
  }
}

/** How many entries a page keeps right behind an input. `needed`: entries that belong to other rooms. */
function companionsOf(input: InputDefinition | undefined, rest: unknown[], needed: number): number {
  const surplus = rest.length - needed
  let count = 0
  if (typeof rest[0] === 'string' && AFTER_GENERATE.has(rest[0])) {
    const settled = Object.keys(input?.settings ?? {}).length > 0
    const drawn = ['INT', 'FLOAT', 'COMBO'].includes(input?.type ?? '')
    if (hasControl(input) || (!settled && surplus > 0 && drawn)) {
      count = input?.type === 'COMBO' && surplus > 1 && typeof rest[1] === 'string' ? 2 : 1
    }
  }
  if (isUpload(input) && surplus > count && isButton(rest[count])) count += 1
  return count
}

/** Whether "what to do after a run" stands behind a widget. */
export const hasControl = (input: InputDefinition | undefined): boolean =>
  (input?.type === 'INT' && SEEDS.has(input.name)) || Boolean(input?.settings.control_after_generate)

/** Whether a file can be brought for a widget. */
export const isUpload = (input: InputDefinition | undefined): boolean =>
  UPLOADS.some((name) => input?.settings[name])

const isButton = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'string' && BUTTONS.has(value))

/** Whether a value may be meant for an input. */
export function suits(value: unknown, input: InputDefinition | undefined): boolean {
  switch (input?.type) {
    case 'INT':
      return isWhole(value)
    case 'FLOAT':
      return typeof value === 'number' || typeof value === 'bigint'
    case 'BOOLEAN':
      return typeof value === 'boolean'
    case 'STRING':
      return typeof value === 'string'
    case 'COMBO':
      return !input.options || Array.isArray(value) || (input.options as unknown[]).includes(value)
    default:
      return true
  }
}
