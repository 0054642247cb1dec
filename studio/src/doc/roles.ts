/**
 * What values mean, whatever node they are on: found by following the graph back from what samples.
 *
 * Samplers are known by their sockets, never by their names: they take a model and conditioning.
 */
import type { Definitions } from './definitions'
import {
  type Flow,
  type FlowNode,
  feedingNodes,
  flowOf,
  inputNames,
  inputType,
  reach,
  sourceOf,
} from './flow'
import { type Found, keyOf, textInputs, textsBehind, valueBehind } from './value-trace'
import { isUpload } from './widget-reading'
import { readPlace, writePlace } from './widgets'
import type { Place, Role, Workflow } from './workflow'

export interface Trace {
  flow: Flow
  /** Nodes that feed outputs. */
  feeding: Map<string, FlowNode>
  roles: Record<Role, Place[]>
  /** Further texts that go into the prompts, beside those that have a role. */
  texts: Found[]
  /** How the author calls places. */
  names: Map<string, Found>
}

/** Finds roles by following the graph. */
export const traceRoles = (workflow: Workflow, definitions: Definitions): Record<Role, Place[]> =>
  trace(workflow, definitions).roles

/** Roles: those that are stored in the document first, then those that are found. */
export function rolesOf(workflow: Workflow, definitions: Definitions): Record<Role, Place[]> {
  return { ...traceRoles(workflow, definitions), ...storedRoles(workflow) }
}

function storedRoles(workflow: Workflow): Record<Role, Place[]> {
  const stored = workflow.extra?.studio?.roles
  if (!stored || typeof stored !== 'object') return {}
  return Object.fromEntries(
    Object.entries(stored).filter(([, places]) => Array.isArray(places) && places.length > 0),
  )
}

/** The value that has a role, or undefined. */
export function readRole(workflow: Workflow, definitions: Definitions, role: Role): unknown {
  const place = rolesOf(workflow, definitions)[role]?.[0]
  return place && readPlace(workflow, definitions, place)
}

/** Writes a role's value to all its places; false if nothing has the role. `draft` is an Immer draft. */
export function writeRole(draft: Workflow, definitions: Definitions, role: Role, value: unknown): boolean {
  const places = rolesOf(draft, definitions)[role] ?? []
  for (const place of places) writePlace(draft, definitions, place, value)
  return places.length > 0
}

const SEEDS = /^(noise_)?seed$/
const MEDIA =
  /^(IMAGE|VIDEO|AUDIO|MESH|LATENT|SVG|MODEL_3D|SPLAT|FILE_3D.*|MODEL_TASK_ID|RODIN.*|TRIPO.*|MESHY.*)$/
const PARTS = /^(SIGMAS|SAMPLER|GUIDER|NOISE)$/

/** Finds roles, and what else a form is made of. */
export function trace(workflow: Workflow, definitions: Definitions): Trace {
  const flow = flowOf(workflow, definitions)
  const feeding = feedingNodes(flow)
  const found: Trace = { flow, feeding, roles: {}, texts: [], names: new Map() }
  const samplers = [...feeding.values()].filter(isSampler)
  tracePrompts(found, samplers)
  traceSampling(found, samplers)
  traceSizes(found, samplers)
  traceModels(found, samplers)
  traceControls(found)
  tracePictures(found, samplers)
  traceGenerators(found)
  traceSeeds(found)
  return found
}

/** Whether a node draws, or guides what draws, from conditioning. */
function isSampler(at: FlowNode): boolean {
  const types = new Set(inputNames(at).map((name) => inputType(at, name)))
  if (!types.has('CONDITIONING')) return false
  const outputs = (at.node.outputs ?? []).map((output) => output.type)
  return (
    types.has('MODEL') && outputs.some((type) => type === 'LATENT' || type === 'GUIDER' || type === 'IMAGE')
  )
}

function add(found: Trace, role: Role, ...values: (Found | undefined)[]): void {
  for (const value of values) {
    if (!value) continue
    found.names.set(keyOf(value.place), value)
    const places = found.roles[role] ?? []
    found.roles[role] = places
    if (!places.some((place) => keyOf(place) === keyOf(value.place))) places.push(value.place)
  }
}

/** Conditioning back to the texts that it is made of. A text on both sides is a positive prompt. */
function tracePrompts(found: Trace, samplers: FlowNode[]): void {
  const sides = { positive: [] as Found[], negative: [] as Found[] }
  for (const sampler of samplers) {
    for (const name of inputNames(sampler)) {
      if (inputType(sampler, name) !== 'CONDITIONING' || name.startsWith('empty')) continue
      sides[name.startsWith('negative') ? 'negative' : 'positive'].push(
        ...conditioningTexts(found.flow, sampler, name),
      )
    }
  }
  const positive = distinct(sides.positive)
  const taken = new Set(positive.map((text) => keyOf(text.place)))
  const negative = distinct(sides.negative).filter((text) => !taken.has(keyOf(text.place)))
  addTexts(found, 'prompt.positive', positive)
  addTexts(found, 'prompt.negative', negative)
}

/** The text that counts gets the role, with those that say the same; the others are kept as texts. */
function addTexts(found: Trace, role: Role, texts: Found[]): void {
  const ranked = [...texts].sort((one, other) => rankOf(other) - rankOf(one))
  const first = ranked[0]
  if (!first) return
  const value = readPlace(found.flow.workflow, found.flow.definitions, first.place)
  for (const text of ranked) {
    const same = readPlace(found.flow.workflow, found.flow.definitions, text.place) === value
    if (text === first || same) add(found, role, text)
    else {
      found.texts.push(text)
      found.names.set(keyOf(text.place), text)
    }
  }
}

function rankOf({ title, label, place }: Found): number {
  const called = `${title} ${label} ${place.widget}`
  const depth = place.node.split(':').length - 1
  return (
    (/prompt|positive|caption|text/i.test(`${label} ${title}`) ? 2 : 0) +
    (/system|instruction|template|prefix|suffix|delimiter|style|negative/i.test(called) ? -4 : 0) -
    depth
  )
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
    for (const input of textInputs(source.at, false)) texts.push(...textsBehind(flow, source.at, input))
    for (const before of conditioningBefore(source.at, source.output)) waiting.push([source.at, before])
  }
  return texts
}

/** The inputs that an output's conditioning comes from: the one of the same name where there is one. */
function conditioningBefore(at: FlowNode, output: number): string[] {
  const inputs = inputNames(at).filter(
    (name) => inputType(at, name) === 'CONDITIONING' || isAnySwitch(at, name),
  )
  const name = at.definition?.outputs[output]?.name ?? at.node.outputs?.[output]?.name ?? ''
  return inputs.includes(name) ? [name] : inputs
}

const isAnySwitch = (at: FlowNode, name: string): boolean =>
  /^on_(true|false)$/.test(name) && at.node.outputs?.[0]?.type !== 'MODEL'

const SAMPLING: [RegExp, Role][] = [
  [/^steps$/, 'sampler.steps'],
  [/^cfg$/, 'sampler.cfg'],
  [/^guidance$/, 'sampler.guidance'],
  [/^sampler_name$/, 'sampler.name'],
  [/^scheduler$/, 'sampler.scheduler'],
  [/^denoise$/, 'sampler.denoise'],
]

/** Steps, guidance and so on: at samplers, at what they are put together from, and on the way of the conditioning. */
function traceSampling(found: Trace, samplers: FlowNode[]): void {
  const near = [
    ...samplers,
    ...[...found.feeding.values()].filter((at) => takesParts(at) && !samplers.includes(at)),
  ]
  const parts = reach(found.flow, near, (type) => PARTS.test(type))
  const guides = reach(found.flow, samplers, (type) => type === 'CONDITIONING')
  for (const at of new Map([...parts, ...guides]).values()) {
    for (const name of inputNames(at)) {
      const role = SAMPLING.find(([pattern]) => pattern.test(name))?.[1]
      if (role && (parts.has(at.id) || role === 'sampler.guidance'))
        add(found, role, valueBehind(found.flow, at, name))
    }
  }
}

const takesParts = (at: FlowNode): boolean => inputNames(at).some((name) => PARTS.test(inputType(at, name)))

/** The latent back to the node that makes it: its width, height and batch. */
function traceSizes(found: Trace, samplers: FlowNode[]): void {
  const drawing = [...found.feeding.values()].filter((at) => samplers.includes(at) || takesParts(at))
  const latents = reach(found.flow, drawing, (type) => type === 'LATENT')
  for (const at of latents.values()) {
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

/** The model back through everything that changes it, to the loader. */
function traceModels(found: Trace, samplers: FlowNode[]): void {
  const loaders: [string, Role][] = [
    ['MODEL', 'model.main'],
    ['CLIP', 'model.text_encoder'],
    ['VAE', 'model.vae'],
  ]
  for (const [type, role] of loaders) {
    const users = type === 'MODEL' ? samplers : [...found.feeding.values()]
    for (const at of reach(found.flow, users, (kind) => kind === type || kind === 'GUIDER').values()) {
      const gives = at.node.outputs?.some((output) => output.type === type)
      const takes = inputNames(at).some((name) => inputType(at, name) === type)
      if (!gives) continue
      for (const name of inputNames(at)) {
        if (type === 'MODEL' && isLora(name)) add(found, 'lora.list', valueBehind(found.flow, at, name))
        else if (!takes && isModelChoice(at, name)) add(found, role, valueBehind(found.flow, at, name))
      }
    }
  }
  const main = new Set((found.roles['model.main'] ?? []).map(keyOf))
  for (const role of ['model.vae', 'model.text_encoder']) {
    const own = found.roles[role]?.filter((place) => !main.has(keyOf(place)))
    if (own?.length) found.roles[role] = own
    else delete found.roles[role]
  }
}

/** Whether an input chooses a file of a model. */
function isModelChoice(at: FlowNode, name: string): boolean {
  const input = at.definition?.inputs.find((entry) => entry.name === name)
  if (input && input.type !== 'COMBO') return false
  return (
    /^(ckpt|unet|clip|vae|model|gguf|text_encoder|diffusion_model)(_name)?\d?$|_name\d?$/.test(name) &&
    !isLora(name)
  )
}

/** Nodes that steer by a picture. Each gets a number. */
function traceControls(found: Trace): void {
  const controls = [...found.feeding.values()].filter(
    (at) =>
      inputNames(at).some((name) => inputType(at, name) === 'CONTROL_NET') &&
      inputNames(at).includes('strength'),
  )
  controls.forEach((at, number) => {
    const role = (part: string) => `control[${number}].${part}`
    add(found, role('strength'), valueBehind(found.flow, at, 'strength'))
    add(found, role('start'), valueBehind(found.flow, at, 'start_percent'))
    add(found, role('end'), valueBehind(found.flow, at, 'end_percent'))
    for (const part of reach(found.flow, [at], (type) => type === 'CONTROL_NET').values()) {
      for (const name of inputNames(part)) {
        if (part !== at && /control_net_name/.test(name))
          add(found, role('model'), valueBehind(found.flow, part, name))
      }
    }
    for (const picture of reach(found.flow, [at], (type) => type === 'IMAGE').values()) {
      if (picture !== at) addUploads(found, role('image'), picture)
    }
  })
}

function addUploads(found: Trace, role: Role, at: FlowNode): void {
  for (const widget of at.widgets)
    if (isPicture(at, widget.name)) add(found, role, valueBehind(found.flow, at, widget.name))
}

/** Whether a widget is a picture that people bring. */
export function isPicture(at: FlowNode, name: string): boolean {
  const input = at.widgets.find((entry) => entry.name === name)?.input
  if (input?.settings.image_upload) return true
  return !at.definition && name === 'image' && /LoadImage/.test(at.node.type)
}

/** Whether a widget is a file that people bring. */
export const isFile = (at: FlowNode, name: string): boolean =>
  isUpload(at.widgets.find((entry) => entry.name === name)?.input) || isPicture(at, name)

/** Pictures: those that latents start from, masks, and those that are looked at. */
function tracePictures(found: Trace, samplers: FlowNode[]): void {
  const controlled = new Set(
    Object.entries(found.roles).flatMap(([role, places]) =>
      role.startsWith('control[') ? places.map(keyOf) : [],
    ),
  )
  const drawing = [...found.feeding.values()].filter((at) => samplers.includes(at) || takesParts(at))
  const started = reach(
    found.flow,
    drawing,
    (type, name) => type === 'LATENT' || (type === 'IMAGE' && !/ref|mask|control|clip_vision/.test(name)),
  )
  const masks = reach(found.flow, [...found.feeding.values()].filter(takesMask), (type) => type === 'MASK')
  for (const at of found.feeding.values()) {
    for (const { name } of at.widgets) {
      if (!isPicture(at, name)) continue
      const value = valueBehind(found.flow, at, name)
      if (!value || controlled.has(keyOf(value.place))) continue
      const isMask =
        at.node.outputs?.every((output) => output.type === 'MASK') ||
        (masks.has(at.id) && !givesImage(found, at))
      const role = isMask
        ? 'image.mask'
        : started.has(at.id) || drawing.length === 0
          ? 'image.init'
          : 'image.reference'
      add(found, role === 'image.init' && found.roles['image.init']?.length ? 'image.reference' : role, value)
    }
  }
  if (!found.roles['image.init'] && found.roles['image.reference']) {
    const [first, ...rest] = found.roles['image.reference']
    if (first) found.roles['image.init'] = [first]
    if (rest.length > 0) found.roles['image.reference'] = rest
    else delete found.roles['image.reference']
  }
}

const takesMask = (at: FlowNode): boolean => inputNames(at).some((name) => inputType(at, name) === 'MASK')

const givesImage = (found: Trace, at: FlowNode): boolean =>
  [...found.feeding.values()].some((user) =>
    inputNames(user).some((name) => {
      const source = sourceOf(found.flow, user, name)
      return (
        source !== undefined &&
        'at' in source &&
        source.at.id === at.id &&
        source.at.node.outputs?.[source.output]?.type !== 'MASK'
      )
    }),
  )

/** Nodes that draw by themselves, from a text: what samples elsewhere has no sockets to be known by. */
function traceGenerators(found: Trace): void {
  const generators = [...found.feeding.values()].filter((at) =>
    at.node.outputs?.some((output) => MEDIA.test(String(output.type))),
  )
  const texts = (pattern: RegExp) =>
    generators.flatMap((at) =>
      inputNames(at)
        .filter((name) => inputType(at, name) === 'STRING' && pattern.test(name.split('.').at(-1) as string))
        .flatMap((name) => textsBehind(found.flow, at, name)),
    )
  if (!found.roles['prompt.positive'])
    addTexts(
      found,
      'prompt.positive',
      distinct(texts(/^(positive_|text_|input_|edit_)?prompt$|^(text|positive|tags|description|lyrics)$/)),
    )
  if (!found.roles['prompt.negative']) {
    const positive = new Set((found.roles['prompt.positive'] ?? []).map(keyOf))
    const negative = distinct(texts(/^negative(_prompt)?$/)).filter(
      (text) => !positive.has(keyOf(text.place)),
    )
    addTexts(found, 'prompt.negative', negative)
  }
  if (found.roles['size.width']) return
  for (const at of generators) {
    const names = inputNames(at)
    const isSource = !names.some(
      (name) =>
        MEDIA.test(inputType(at, name)) &&
        at.node.inputs?.some((slot) => slot.name === name && slot.link != null),
    )
    if (
      !names.includes('width') ||
      !names.includes('height') ||
      !(isSource || names.some((name) => SEEDS.test(name)))
    )
      continue
    add(found, 'size.width', valueBehind(found.flow, at, 'width'))
    add(found, 'size.height', valueBehind(found.flow, at, 'height'))
  }
}

/** All seeds of what runs. */
function traceSeeds(found: Trace): void {
  for (const at of found.feeding.values()) {
    for (const name of inputNames(at)) {
      if (SEEDS.test(name.split('.').at(-1) as string))
        add(found, 'sampler.seed', valueBehind(found.flow, at, name))
    }
  }
}
