/** Prompts: the texts that the conditioning of samplers is made of, and those of nodes that draw by themselves. */
import { type Flow, type FlowNode, inputNames, inputType, sourceOf } from './flow'
import { add, type Trace } from './trace-start'
import { type Found, keyOf, textInputs, textsBehind, valueBehind } from './value-trace'
import { readPlace } from './widgets'
import type { Role } from './workflow'

const MEDIA = /^(IMAGE|VIDEO|AUDIO|MESH|LATENT|SVG|SPLAT|FILE_3D.*|.*_TASK_ID)$/
const PROMPT = /^(positive_|text_|input_|edit_)?prompt$|^(text|positive|tags|description|lyrics)$/
const NEGATIVE = /^negative(_prompt)?$/

/** Conditioning back to the texts that it is made of. A text on both sides is a positive prompt. */
export function tracePrompts(found: Trace): void {
  const sides = { positive: [] as Found[], negative: [] as Found[] }
  for (const sampler of found.samplers) {
    for (const name of inputNames(sampler)) {
      if (inputType(sampler, name) !== 'CONDITIONING' || name.startsWith('empty')) continue
      const texts = conditioningTexts(found.flow, sampler, name)
      sides[name.startsWith('negative') ? 'negative' : 'positive'].push(...texts)
    }
  }
  addSides(found, sides.positive, sides.negative)
}

/** Nodes that draw by themselves from a text: what samples elsewhere has no sockets to be known by. */
export function traceGenerators(found: Trace): void {
  const all = [...found.feeding.values()]
  const generators = all.filter((at) => at.node.outputs?.some((output) => MEDIA.test(String(output.type))))
  const texts = (nodes: FlowNode[], pattern: RegExp) =>
    nodes.flatMap((at) =>
      inputNames(at)
        .filter((name) => inputType(at, name) === 'STRING' && pattern.test(name.split('.').at(-1) as string))
        .flatMap((name) => textsBehind(found.flow, at, name)),
    )
  if (!found.roles['prompt.positive']) {
    const positive = texts(generators, PROMPT)
    addSides(found, positive.length > 0 ? positive : texts(all, /^prompt$/), texts(generators, NEGATIVE))
  }
  if (!found.roles['size.width']) traceOwnSizes(found, generators)
}

function traceOwnSizes(found: Trace, generators: FlowNode[]): void {
  for (const at of generators) {
    const names = inputNames(at)
    if (!names.includes('width') || !names.includes('height')) continue
    const isSource = !names.some((name) => MEDIA.test(inputType(at, name)) && isLinked(at, name))
    if (!isSource && !names.some((name) => /(^|\.)seed$/.test(name))) continue
    add(found, 'size.width', valueBehind(found.flow, at, 'width'))
    add(found, 'size.height', valueBehind(found.flow, at, 'height'))
  }
}

const isLinked = (at: FlowNode, name: string): boolean =>
  at.node.inputs?.some((slot) => slot.name === name && typeof slot.link === 'number') ?? false

function addSides(found: Trace, positive: Found[], negative: Found[]): void {
  const first = distinct(positive)
  const taken = new Set(first.map((text) => keyOf(text.place)))
  addTexts(found, 'prompt.positive', first)
  addTexts(
    found,
    'prompt.negative',
    distinct(negative).filter((text) => !taken.has(keyOf(text.place))),
  )
}

/** The text that counts gets the role, with those that say the same; the others are kept as texts. */
function addTexts(found: Trace, role: Role, texts: Found[]): void {
  const { workflow, definitions } = found.flow
  const ranked = [...texts].sort((one, other) => rankOf(other) - rankOf(one))
  const first = ranked[0]
  if (!first) return
  const value = readPlace(workflow, definitions, first.place)
  for (const text of ranked) {
    if (text === first || readPlace(workflow, definitions, text.place) === value) add(found, role, text)
    else found.texts.push(text)
  }
}

/** How likely a text is the one that people want to change: by what it is called, and how far outside it is. */
function rankOf({ title, label, place }: Found): number {
  const called = `${title} ${label} ${place.widget}`
  const depth = place.node.split(':').length - 1
  const good = /prompt|positive|caption|tags/i.test(called) ? 2 : 0
  const bad = /system|instruction|template|prefix|suffix|delimiter|style|negative|lyrics/i.test(called)
    ? -4
    : 0
  return good + bad - depth
}

const distinct = (texts: Found[]): Found[] => [
  ...new Map(texts.map((text) => [keyOf(text.place), text])).values(),
]

function conditioningTexts(flow: Flow, start: FlowNode, name: string): Found[] {
  const texts: Found[] = []
  const seen = new Set<string>()
  const waiting: [FlowNode, string][] = [[start, name]]
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    const source = sourceOf(flow, ...step)
    if (!source || !('at' in source)) continue
    const key = `${source.at.id}/${source.output}`
    if (seen.has(key)) continue
    seen.add(key)
    const side = source.at.node.outputs?.[source.output]?.name ?? ''
    for (const input of ofSide(textInputs(source.at, false), side))
      texts.push(...textsBehind(flow, source.at, input))
    for (const before of conditioningBefore(source.at, source.output)) waiting.push([source.at, before])
  }
  return texts
}

/** A node that encodes both prompts gives each at an output of its own. */
function ofSide(names: string[], output: string): string[] {
  if (!names.some((name) => NEGATIVE.test(name))) return names
  if (/negative/i.test(output)) return names.filter((name) => NEGATIVE.test(name))
  return names.filter((name) => !NEGATIVE.test(name))
}

/** The inputs that an output's conditioning comes from: the one of the same name where there is one. */
function conditioningBefore(at: FlowNode, output: number): string[] {
  const inputs = inputNames(at).filter(
    (name) => inputType(at, name) === 'CONDITIONING' || /^on_(true|false)$/.test(name),
  )
  const name = at.definition?.outputs[output]?.name ?? at.node.outputs?.[output]?.name ?? ''
  return inputs.includes(name) ? [name] : inputs
}
