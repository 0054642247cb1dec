/**
 * How values and data flow through a workflow, with subgraphs, reroutes, bypassed nodes and primitives looked through.
 *
 * Follows links as the server does when it runs the workflow, but ends at the places where people type values.
 */
import type { Definitions, NodeDefinition } from './definitions'
import { INPUTS_NODE, linksOf, OUTPUTS_NODE, type ReadLink, sameId } from './links'
import { GETTERS, isPageNode, PRIMITIVE, passesOn, SETTERS } from './page-nodes'
import { subgraphsOf } from './subgraphs'
import { proxiesOf, type Widget, widgetsOf } from './widgets'
import {
  type Body,
  MODE,
  type Place,
  type SubgraphDefinition,
  type Workflow,
  type WorkflowNode,
} from './workflow'

/** A body where it stands: the workflow itself, or an instance of a subgraph. */
export interface Scope {
  prefix: string
  body: Body
  links: Map<number, ReadLink>
  nodes: Map<string, WorkflowNode>
  host?: WorkflowNode
  outer?: Scope
  inner: Map<string, Scope>
}

/** A node that runs. */
export interface FlowNode {
  id: string
  node: WorkflowNode
  scope: Scope
  definition: NodeDefinition | undefined
  widgets: Widget[]
}

/** Where an input gets its value: from a node's output, or from a place where it is typed. */
export type Source = { at: FlowNode; output: number } | { place: Place; holder: WorkflowNode } | undefined

export interface Flow {
  workflow: Workflow
  definitions: Definitions
  /** Nodes that run, by id. */
  nodes: Map<string, FlowNode>
  /** Inner widgets that an instance shows as its own, as `node.widget`. */
  promoted: Set<string>
  root: Scope
}

const MOST_NODES = 20_000
const LONGEST_WAY = 500

/** Reads a workflow's flow. */
export function flowOf(workflow: Workflow, definitions: Definitions): Flow {
  const subgraphs = new Map(subgraphsOf(workflow).map((entry) => [entry.id, entry]))
  const root = scopeOf(workflow, '')
  const flow: Flow = { workflow, definitions, nodes: new Map(), promoted: new Set(), root }
  const visit = (scope: Scope, path: string[]): void => {
    for (const node of scope.body.nodes) {
      if (standsAside(node) || flow.nodes.size > MOST_NODES) continue
      const subgraph = definitions.has(node.type) ? undefined : subgraphs.get(node.type)
      if (!subgraph) addFlowNode(flow, scope, node)
      else if (!path.includes(subgraph.id)) visit(enter(flow, scope, node, subgraph), [...path, subgraph.id])
    }
  }
  visit(root, [])
  return flow
}

function addFlowNode(flow: Flow, scope: Scope, node: WorkflowNode): void {
  const definition = flow.definitions.get(node.type)
  if (!definition && isPageNode(node.type)) return
  const id = scope.prefix + node.id
  flow.nodes.set(id, { id, node, scope, definition, widgets: widgetsOf(node, definition) })
}

const standsAside = (node: WorkflowNode): boolean => node.mode === MODE.muted || node.mode === MODE.bypassed

function scopeOf(body: Body, prefix: string, host?: WorkflowNode, outer?: Scope): Scope {
  return {
    prefix,
    body,
    links: new Map(linksOf(body).map((link) => [link.id, link])),
    nodes: new Map(body.nodes.map((node) => [String(node.id), node])),
    ...(host && outer ? { host, outer } : {}),
    inner: new Map(),
  }
}

function enter(flow: Flow, scope: Scope, node: WorkflowNode, subgraph: SubgraphDefinition): Scope {
  const inner = scopeOf(subgraph, `${scope.prefix}${node.id}:`, node, scope)
  scope.inner.set(String(node.id), inner)
  for (const [id, widget] of proxiesOf(node)) {
    if (id !== '-1') flow.promoted.add(`${inner.prefix}${id}.${widget}`)
  }
  return inner
}

/** The type of an input, as the file has it, else as the node's type says. */
export function inputType(at: FlowNode, name: string): string {
  const slot = at.node.inputs?.find((entry) => entry.name === name)
  const declared = at.definition?.inputs.find((entry) => entry.name === name)?.type
  const own = at.widgets.find((entry) => entry.name === name)?.input.type
  const written = typeof slot?.type === 'string' ? slot.type : own
  return written && written !== '*' ? written : (declared ?? written ?? '*')
}

/** Inputs that have a link or could have one, by name. */
export const inputNames = (at: FlowNode): string[] => {
  const slots = (at.node.inputs ?? []).map((slot) => slot.name)
  const declared = (at.definition?.inputs ?? []).filter((entry) => !entry.hidden).map((entry) => entry.name)
  return [...new Set([...slots, ...declared, ...at.widgets.map((widget) => widget.name)])]
}

/** Where an input of a node gets its value. */
export function sourceOf(flow: Flow, at: FlowNode, name: string): Source {
  const slot = at.node.inputs?.find((entry) => entry.name === name)
  const linked = slot && typeof slot.link === 'number' ? follow(flow, at.scope, slot.link) : undefined
  if (linked) return linked
  const widget = at.widgets.some((entry) => entry.name === name)
  return widget ? { place: { node: at.id, widget: name }, holder: at.node } : undefined
}

/** A link on the way back, and the value that counts if the way leads nowhere. */
interface Step {
  scope: Scope
  link: number | undefined
  spare: Source
}

/** Follows a link back to where it really comes from. */
function follow(flow: Flow, start: Scope, first: number): Source {
  let step: Step = { scope: start, link: first, spare: undefined }
  for (let count = 0; count < LONGEST_WAY; count += 1) {
    const link = step.link === undefined ? undefined : step.scope.links.get(step.link)
    if (!link) return step.spare
    const next =
      sameId(link.from, INPUTS_NODE) && step.scope.host ? outwards(step, link) : backwards(flow, step, link)
    if (next && 'end' in next) return next.end ?? step.spare
    step = next
  }
  return step.spare
}

/** Out of a subgraph, to what its instance is linked to; the instance's own value is spare. */
function outwards({ scope, spare }: Step, link: ReadLink): Step | { end: Source } {
  const { host, outer } = scope
  const port = (scope.body as SubgraphDefinition).inputs?.[link.fromSlot]
  if (!port || !host || !outer) return { end: undefined }
  const entry = host.inputs?.find((slot) => slot.name === port.name)
  const own: Source =
    entry?.widget || portFeedsWidget(scope, link.fromSlot)
      ? { place: { node: outer.prefix + host.id, widget: port.name }, holder: host }
      : undefined
  return { scope: outer, link: entry?.link ?? undefined, spare: spare ?? own }
}

/** To the node that a link comes from, or through it. */
function backwards(flow: Flow, { scope, spare }: Step, link: ReadLink): Step | { end: Source } {
  const node = scope.nodes.get(String(link.from))
  if (!node || node.mode === MODE.muted) return { end: undefined }
  if (node.mode === MODE.bypassed) return { scope, link: bypassed(node, link), spare }
  const inner = scope.inner.get(String(node.id))
  if (inner) return { scope: inner, link: outputLink(inner, link.fromSlot), spare }
  const found = flow.nodes.get(scope.prefix + node.id)
  if (found) return { end: { at: found, output: link.fromSlot } }
  if (node.type === PRIMITIVE) {
    return { end: { place: { node: scope.prefix + node.id, widget: 'value' }, holder: node } }
  }
  if (GETTERS.has(node.type)) return { scope, link: namedLink(scope, node), spare }
  return passesOn(node.type) ? { scope, link: firstLink(node), spare } : { end: undefined }
}

const outputLink = (scope: Scope, slot: number): number | undefined =>
  [...scope.links.values()].find((link) => sameId(link.to, OUTPUTS_NODE) && link.toSlot === slot)?.id

function portFeedsWidget(scope: Scope, slot: number): boolean {
  return [...scope.links.values()].some(
    (link) =>
      sameId(link.from, INPUTS_NODE) &&
      link.fromSlot === slot &&
      Boolean(scope.nodes.get(String(link.to))?.inputs?.[link.toSlot]?.widget),
  )
}

const firstLink = (node: WorkflowNode): number | undefined => node.inputs?.[0]?.link ?? undefined

function namedLink(scope: Scope, getter: WorkflowNode): number | undefined {
  const name = Array.isArray(getter.widgets_values) ? getter.widgets_values[0] : undefined
  const setter = scope.body.nodes.find(
    (node) => SETTERS.has(node.type) && Array.isArray(node.widgets_values) && node.widgets_values[0] === name,
  )
  return setter && firstLink(setter)
}

/** The link that a bypassed node hands on: the input of the same number if its type fits, else the first of that type. */
function bypassed(node: WorkflowNode, link: ReadLink): number | undefined {
  const wanted = node.outputs?.[link.fromSlot]?.type ?? link.type
  const same = node.inputs?.[link.fromSlot]
  const fitting =
    same && (wanted === '*' || same.type === wanted)
      ? same
      : node.inputs?.find((slot) => slot.type === wanted)
  return fitting?.link ?? undefined
}

/** Output nodes: what shows or saves something. */
export function isOutputNode(at: FlowNode): boolean {
  if (at.definition) return at.definition.isOutput
  return /^(Save|Preview)/.test(at.node.type)
}

/** Nodes that feed output nodes, in the order of the document; all of them if nothing is an output. */
export function feedingNodes(flow: Flow): Map<string, FlowNode> {
  const outputs = [...flow.nodes.values()].filter(isOutputNode)
  if (outputs.length === 0) return flow.nodes
  const reached = reach(flow, outputs, () => true)
  return new Map([...flow.nodes].filter(([id]) => reached.has(id)))
}

/** Nodes that are reached going back over inputs that `takes` allows; the starts are among them. */
export function reach(
  flow: Flow,
  starts: FlowNode[],
  takes: (type: string, name: string, at: FlowNode) => boolean,
): Map<string, FlowNode> {
  const found = new Map(starts.map((node) => [node.id, node]))
  const waiting = [...starts]
  for (let at = waiting.shift(); at; at = waiting.shift()) {
    for (const name of inputNames(at)) {
      if (!takes(inputType(at, name), name, at)) continue
      const source = sourceOf(flow, at, name)
      if (source && 'at' in source && !found.has(source.at.id)) {
        found.set(source.at.id, source.at)
        waiting.push(source.at)
      }
    }
  }
  return found
}
