/** Where the values of inputs are typed: numbers through nodes that hand them on, texts through nodes that join them. */
import { type Flow, type FlowNode, inputNames, inputType, type Source, sourceOf } from './flow'
import { readPlace } from './widgets'
import type { Place } from './workflow'

/** A place where a value is typed, and what its author calls it. */
export interface Found {
  place: Place
  /** The node that shows it: its title, and the label of its input, if somebody gave it one. */
  title: string
  label: string
}

const TEXT_NAMES = /^(text|prompt|negative_prompt|value|string|tags|lyrics|caption)/i
const NUMBERS = /INT|FLOAT|\*/
const DEEPEST = 12

/** The place of a number or choice, looking through nodes that hand on one value. */
export function valueBehind(flow: Flow, at: FlowNode, name: string, depth = 0): Found | undefined {
  const source = sourceOf(flow, at, name)
  if (!source || depth > DEEPEST) return undefined
  if ('place' in source) return found(source)
  const chosen = chosenInput(flow, source.at)
  if (chosen) return valueBehind(flow, source.at, chosen, depth + 1)
  const inputs = inputNames(source.at).filter(
    (input) => NUMBERS.test(inputType(source.at, input)) || input === 'value',
  )
  if (inputs.length > 12 || !handsOnValues(source.at)) return undefined
  const values = inputs.flatMap((input) => valueBehind(flow, source.at, input, depth + 1) ?? [])
  const called = values.filter((value) => isCalled(value, name))
  return called.length > 0
    ? called[0]
    : new Set(values.map((value) => keyOf(value.place))).size === 1
      ? values[0]
      : undefined
}

/** Whether what goes through a node is numbers, texts and switches only. */
const handsOnValues = (at: FlowNode): boolean =>
  inputNames(at).every((name) =>
    /^(INT|FLOAT|STRING|BOOLEAN|COMBO|\*|COMFY_.*|[A-Z,]*(INT|FLOAT)[A-Z,]*)$/.test(inputType(at, name)),
  )

const isCalled = (value: Found, name: string): boolean =>
  [value.title, value.label, value.place.widget].some((text) =>
    text.toLowerCase().includes(name.toLowerCase()),
  )

/** The input that a switch hands on, or undefined if a node is none. */
export function chosenInput(flow: Flow, at: FlowNode): string | undefined {
  const names = inputNames(at)
  if (!names.includes('on_true') || !names.includes('on_false') || !names.includes('switch')) return undefined
  const source = sourceOf(flow, at, 'switch')
  const value = source && 'place' in source ? readPlace(flow.workflow, flow.definitions, source.place) : true
  const wanted = value === false ? 'on_false' : 'on_true'
  return sourceOf(flow, at, wanted) ? wanted : wanted === 'on_true' ? 'on_false' : 'on_true'
}

/** The places of the texts behind an input, in the order in which they are joined. */
export function textsBehind(flow: Flow, at: FlowNode, name: string, seen = new Set<string>()): Found[] {
  const source = sourceOf(flow, at, name)
  if (!source) return []
  if ('place' in source) return [found(source)]
  if (seen.has(source.at.id)) return []
  seen.add(source.at.id)
  const chosen = chosenInput(flow, source.at)
  const inputs = chosen ? [chosen] : textInputs(source.at, true)
  return inputs.flatMap((input) => textsBehind(flow, source.at, input, seen))
}

/**
 * The inputs of a node that hold a prompt. A node that only hands on text may hold it in one line, and so may one that
 * encodes text; elsewhere a line is a name or a setting.
 */
export function textInputs(at: FlowNode, handsOn: boolean): string[] {
  const names = inputNames(at)
  const texts = names.filter((name) => inputType(at, name) === 'STRING')
  const settings = new Map((at.definition?.inputs ?? []).map((input) => [input.name, input.settings]))
  const several = texts.filter((name) => settings.get(name)?.multiline || settings.get(name)?.forceInput)
  const named = texts.filter((name) => TEXT_NAMES.test(name) && !several.includes(name))
  if (!handsOn) return several.length > 0 ? several : encodes(at) ? named : []
  const linked = names.filter(
    (name) =>
      /^(STRING|\*)$/.test(inputType(at, name)) &&
      at.node.inputs?.some((slot) => slot.name === name && typeof slot.link === 'number'),
  )
  return [...new Set([...several, ...named, ...linked])]
}

const encodes = (at: FlowNode): boolean =>
  at.node.outputs?.some((output) => output.type === 'CONDITIONING') ?? false

const found = (source: Extract<Source, { place: Place }>): Found => {
  const { place, holder } = source
  const slot = holder.inputs?.find((entry) => entry.name === place.widget)
  const label = typeof slot?.label === 'string' && slot.label !== place.widget ? slot.label : ''
  return { place, title: typeof holder.title === 'string' ? holder.title : '', label }
}

export const keyOf = (place: Place): string => `${place.node}\n${place.widget}`
