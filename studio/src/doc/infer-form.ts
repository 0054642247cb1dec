/**
 * Proposes a form for a workflow that has none: every value gets points by what it means and by what its author did to
 * it; the best eight are basic, others advanced, the rest can be added by hand.
 */
import { controlFor } from './controls'
import type { Definitions, InputDefinition } from './definitions'
import { type Flow, type FlowNode, feedingNodes, inputNames, isOutputNode, sourceOf } from './flow'
import type { Form, FormElement, FormField } from './form'
import { labelOf } from './labels'
import { trace } from './roles'
import { definitionOf, findNode, subgraphOf } from './subgraphs'
import { isFile, isPicture } from './trace-pictures'
import type { Trace } from './trace-start'
import { keyOf } from './value-trace'
import { definitionAt, readPlace, widgetsOf } from './widgets'
import type { Group, Place, Role, Workflow, WorkflowNode } from './workflow'

const BASIC = 50
const ADVANCED = 30
const MOST_BASIC = 8

const POINTS: [RegExp, number][] = [
  [/^prompt\.positive$/, 100],
  [/^image\.init$/, 99],
  [/^image\.(mask|reference)$/, 95],
  [/^control\[\d+\]\.image$/, 95],
  [/^size\./, 90],
  [/^sampler\.seed$/, 88],
  [/^prompt\.negative$/, 84],
  [/^model\.main$/, 72],
  [/^lora\.list$/, 68],
  [/^sampler\.steps$/, 66],
  [/^sampler\.(cfg|guidance)$/, 65],
  [/^batch\.count$/, 62],
  [/^control\[\d+\]\.strength$/, 62],
  [/^sampler\.(name|scheduler)$/, 60],
  [/^model\.(vae|text_encoder)$/, -10],
]

/** In which order fields stand: what goes in, what it shall become, how it is made. */
const ORDER = [
  /^image\.|^control\[\d+\]\.image$/,
  /^prompt\.positive$/,
  /^prompt\.negative$/,
  /^$/,
  /^model\.main$/,
  /^lora/,
  /^size/,
  /^batch/,
  /^sampler\.seed$/,
]

const orderOf = (field: FormField): number => {
  const at = ORDER.findIndex((pattern) => pattern.test(field.role ?? ''))
  return at < 0 ? ORDER.length : at
}

/** A value of the workflow that a form could show. */
export interface Candidate {
  places: Place[]
  role: Role
  points: number
  input: InputDefinition
  node: WorkflowNode
  label: string
  picture: boolean
}

/** A proposed form: at once usable, marked as suggested. */
export function inferForm(workflow: Workflow, definitions: Definitions): Form {
  const found = trace(workflow, definitions)
  const ranked = candidatesOf(found)
    .filter((candidate) => candidate.points > ADVANCED)
    .sort((one, other) => other.points - one.points)
  const fields = joined(ranked)
  const basic = fields.filter(({ points }) => points > BASIC).slice(0, MOST_BASIC)
  const elements: FormElement[] = [
    ...basic.map(({ field }) => field).sort((one, other) => orderOf(one) - orderOf(other)),
    ...fields.filter((entry) => !basic.includes(entry)).map(({ field }) => ({ ...field, advanced: true })),
  ]
  return {
    version: 1,
    elements: withOwnLabels(elements, workflow),
    outputs: outputsOf(found.flow),
    suggested: true,
  }
}

/** All values of a workflow with their points, most first is up to the caller. */
export function candidatesOf(found: Trace): Candidate[] {
  const roles = rolesByPlace(found)
  const candidates = new Map<string, Candidate>()
  const uses = new Map<string, number>()
  for (const { place, holder, user, name } of placesIn(found)) {
    const key = keyOf(place)
    uses.set(key, (uses.get(key) ?? 0) + 1)
    if (candidates.has(key)) continue
    const role = roles.get(key) ?? { role: '', turn: 0 }
    const candidate = candidateAt(found, place, holder, user, name, role.role)
    // The second place of a role is worth less: it mostly belongs to a second pass.
    if (candidate) candidates.set(key, { ...candidate, points: candidate.points - (role.turn > 0 ? 20 : 0) })
  }
  for (const [key, candidate] of candidates) if ((uses.get(key) ?? 0) > 1) candidate.points += 20
  return [...candidates.values()]
}

function rolesByPlace(found: Trace): Map<string, { role: Role; turn: number }> {
  const roles = new Map<string, { role: Role; turn: number }>()
  for (const [role, places] of Object.entries(found.roles)) {
    for (const [turn, place] of places.entries())
      if (!roles.has(keyOf(place))) roles.set(keyOf(place), { role, turn })
  }
  return roles
}

/** Every place where something is typed, with who uses it under which name. */
function* placesIn(
  found: Trace,
): Generator<{ place: Place; holder: WorkflowNode; user: FlowNode; name: string }> {
  for (const user of found.feeding.values()) {
    for (const name of inputNames(user)) {
      const source = sourceOf(found.flow, user, name)
      if (source && 'place' in source) yield { ...source, user, name }
    }
  }
}

function candidateAt(
  found: Trace,
  place: Place,
  holder: WorkflowNode,
  user: FlowNode,
  name: string,
  role: Role,
): Candidate | undefined {
  const { workflow, definitions } = found.flow
  const definition = definitionAt(workflow, place.node, holder, definitions)
  const own = widgetsOf(holder, definition).find((widget) => widget.name === place.widget)?.input
  const input = own ?? user.widgets.find((widget) => widget.name === name)?.input
  if (!input || input.settings.hidden) return undefined
  const base = roleOrTextPoints(found, place, role)
  const points = base + authorPoints(found, place, holder, input, isFile(user, name))
  const picture = isPicture(user, name)
  return {
    places: [place],
    role,
    points,
    input,
    node: holder,
    label: labelOf(place, holder, input, role, definition),
    picture,
  }
}

function roleOrTextPoints(found: Trace, place: Place, role: Role): number {
  if (role === 'sampler.denoise') {
    const value = readPlace(found.flow.workflow, found.flow.definitions, place)
    return typeof value === 'number' && value < 1 ? 80 : 35
  }
  const byRole = role ? (POINTS.find(([pattern]) => pattern.test(role))?.[1] ?? 45) : 0
  return byRole || (found.texts.some((text) => keyOf(text.place) === keyOf(place)) ? 45 : 0)
}

/** What its author did to a value: called it something, put it into a group, showed it on the outside. */
function authorPoints(
  found: Trace,
  place: Place,
  holder: WorkflowNode,
  input: InputDefinition,
  file: boolean,
): number {
  const { workflow, definitions, promoted } = found.flow
  const slot = holder.inputs?.find((entry) => entry.name === place.widget)
  const isInstance = !definitions.has(holder.type) && subgraphOf(workflow, holder.type) !== undefined
  const isInside = place.node.includes(':')
  const isShown = promoted.has(`${place.node}.${place.widget}`)
  const port = isInstance
    ? subgraphOf(workflow, holder.type)?.inputs?.find((entry) => entry.name === place.widget)
    : undefined
  let points = 0
  if (!isInstance && isTitled(workflow, holder, definitions)) points += 25
  if (slot?.label && slot.label !== place.widget) points += 25
  else if (port?.label && port.label !== port.name) points += 25
  if (isInstance || isShown) points += 10
  if (isPrimitive(holder) && !isInside) points += 31
  if (!isInside && isInNamedGroup(workflow.groups, holder)) points += 15
  if (input.type === 'STRING' && input.settings.multiline) points += 15
  if (file) points += 40
  if (isHousekeeping(place.widget)) points -= 40
  if (isInside && !isShown) points -= 40
  return points
}

const isPrimitive = (node: WorkflowNode): boolean => /^Primitive/.test(node.type)

function isTitled(workflow: Workflow, node: WorkflowNode, definitions: Definitions): boolean {
  if (!node.title || node.title === node.type) return false
  const known = definitionOf(workflow, node, definitions)?.title
  return known !== undefined && node.title !== known && node.title !== node.properties?.['Node name for S&R']
}

const isInNamedGroup = (groups: Group[] | undefined, node: WorkflowNode): boolean =>
  (groups ?? []).some(({ title, bounding }) => {
    if (!/input|setting|prompt|parameter/i.test(String(title)) || !Array.isArray(bounding)) return false
    const [left, top, width, height] = bounding
    return (
      node.pos[0] >= left && node.pos[0] < left + width && node.pos[1] >= top && node.pos[1] < top + height
    )
  })

/** Where files go, how memory is cut up, and on what it is computed. */
const isHousekeeping = (name: string): boolean =>
  /(^|_)(filename_prefix|prefix|tile_size|tile|tiled|overlap|temporal_size|temporal_overlap|device|dtype|weight_dtype|format|codec|upload)($|_)/.test(
    name,
  )

interface Joined {
  field: FormField
  points: number
}

/** Candidates as fields: sizes in pairs, seeds as one, LoRAs as one list, values of one role together. */
function joined(ranked: Candidate[]): Joined[] {
  const done: Joined[] = []
  const used = new Set<Candidate>()
  for (const candidate of ranked) {
    if (used.has(candidate)) continue
    const group = companionsOf(candidate, ranked, used)
    for (const other of group) used.add(other)
    done.push({ field: fieldOf(candidate, group, done.length), points: candidate.points })
  }
  return done
}

const JOINED: ReadonlySet<Role> = new Set([
  'sampler.seed',
  'lora.list',
  'prompt.positive',
  'prompt.negative',
  'batch.count',
])

function companionsOf(candidate: Candidate, all: Candidate[], used: Set<Candidate>): Candidate[] {
  const free = all.filter((other) => !used.has(other))
  if (candidate.role.startsWith('size.')) return sizePairs(candidate, free)
  if (!JOINED.has(candidate.role)) return [candidate]
  return [candidate, ...free.filter((other) => other !== candidate && other.role === candidate.role)]
}

/** Widths and heights in turn. */
function sizePairs(candidate: Candidate, free: Candidate[]): Candidate[] {
  const widths = free.filter((other) => other.role === 'size.width')
  const heights = free.filter((other) => other.role === 'size.height')
  const pairs = widths.flatMap((width) => {
    const beside = heights.find((height) => height.node === width.node) ?? heights[widths.indexOf(width)]
    return beside ? [width, beside] : []
  })
  return pairs.includes(candidate) ? pairs : [candidate]
}

function fieldOf(candidate: Candidate, group: Candidate[], number: number): FormField {
  const isPair = candidate.role.startsWith('size.') && group.length > 1
  const role = isPair ? 'size' : candidate.role
  const help = candidate.input.settings.tooltip
  return {
    kind: 'field',
    id: `field-${number + 1}`,
    label: isPair ? 'Size' : candidate.label,
    ...(typeof help === 'string' && help && !isPair ? { help } : {}),
    ...(role ? { role } : {}),
    places: group.flatMap((entry) => entry.places),
    control: isPair
      ? sizeControl(candidate.input)
      : controlFor(candidate.input, candidate.role, candidate.picture),
  }
}

const sizeControl = (input: InputDefinition): FormField['control'] => ({
  ...controlFor(input, '', false),
  type: 'size',
})

/** Labels that two fields share get the title of their node in front. */
function withOwnLabels(elements: FormElement[], workflow: Workflow): FormElement[] {
  const count = new Map<string, number>()
  for (const element of elements)
    if (element.kind === 'field') count.set(element.label, (count.get(element.label) ?? 0) + 1)
  const taken = new Set<string>()
  return elements.map((element) => {
    if (element.kind !== 'field' || (count.get(element.label) ?? 0) < 2) return element
    const node = findNode(workflow, element.places[0]?.node ?? '')
    const title = node && (node.title ?? subgraphOf(workflow, node.type)?.name ?? node.type)
    let label = title && title !== element.label ? `${title}: ${element.label}` : element.label
    for (let number = 2; taken.has(label); number += 1) label = `${element.label} ${number}`
    taken.add(label)
    return { ...element, label }
  })
}

/** Outputs: nodes that save first, else those that show. */
export function outputsOf(flow: Flow): string[] {
  const outputs = [...feedingNodes(flow).values()].filter(isOutputNode)
  const saving = outputs.filter((at) => !/Preview|Compare|Show|Display/i.test(at.node.type))
  return (saving.length > 0 ? saving : outputs).map((at) => at.id)
}
