/**
 * The document's nodes and links as the graph library takes them. What did not change keeps its identity, so that a value
 * that is typed, or a node that is moved, draws nothing else.
 */
import { type Edge, type Node, type NodeHandle, Position } from '@xyflow/react'
import type { Definitions, NodeDefinition } from '@/doc/definitions'
import { INPUTS_NODE, linksOf, OUTPUTS_NODE, type ReadLink } from '@/doc/links'
import { GETTERS, NOTES } from '@/doc/page-nodes'
import { definitionOf, subgraphOf } from '@/doc/subgraphs'
import { definitionAt, findNode, proxiesOf, widgetsOf } from '@/doc/widgets'
import {
  type Body,
  type Group,
  MODE,
  type SubgraphDefinition,
  type Workflow,
  type WorkflowNode,
} from '@/doc/workflow'
import { HEADER, headerOf, isReroute, type Port, ROW, type Shape, shapeOf } from './geometry'
import { typeText } from './ports'
import { type Point, pointsOf, routeOf } from './reroutes'

export interface NodeData extends Record<string, unknown> {
  shape: Shape
  definition?: NodeDefinition
  /** The server has no such node, and it is none that only pages have. */
  missing: boolean
  subgraph: boolean
  title: string
  /** `bypassed`, `muted` or empty. */
  mode: string
  colour: string
  ground: string
  pinned: boolean
}
export interface GroupData extends Record<string, unknown> {
  at: number
  group: Group
}
export interface LinkData extends Record<string, unknown> {
  type: string
  points: Point[]
}

export type FlowNode = Node<Record<string, unknown>>
export type FlowEdge = Edge<LinkData>

export const GROUP_ID = 'group:'
export const POINT_ID = 'point:'

interface Kept {
  node: WorkflowNode
  media: boolean
  definition?: NodeDefinition
  flow: FlowNode
}

/** Builds and remembers the elements of one body. */
export class Elements {
  private kept = new Map<string, Kept>()
  private groups = new Map<string, { group: Group; flow: FlowNode }>()
  private definitions = new WeakMap<object, NodeDefinition>()
  private links: { from: unknown; nodes: unknown; extra: unknown; edges: FlowEdge[] } | null = null
  private edges = new Map<string, { link: ReadLink; route: string; edge: FlowEdge }>()

  /** Ids in `media` have pictures to show; those in `selected` are selected. */
  nodes(
    workflow: Workflow,
    body: Body,
    known: Definitions,
    media: ReadonlySet<string>,
    selected: ReadonlySet<string>,
  ): FlowNode[] {
    const next = new Map<string, Kept>()
    const nodes = body.nodes.map((node) => {
      const id = String(node.id)
      const kept = this.node(workflow, body, node, known, media.has(id), selected.has(id))
      next.set(id, kept)
      return kept.flow
    })
    this.kept = next
    return [
      ...(body.groups ?? []).map((group, at) => this.group(group, at, selected)),
      ...nodes,
      ...pointsOf(body).map((point) => pointNode(point, selected)),
      ...boundaries(body, selected),
    ]
  }

  private node(
    workflow: Workflow,
    body: Body,
    node: WorkflowNode,
    known: Definitions,
    media: boolean,
    selected: boolean,
  ): Kept {
    const id = String(node.id)
    const before = this.kept.get(id)
    const definition = this.definition(workflow, body, node, known)
    if (before && before.node === node && before.media === media && before.definition === definition) {
      return before.flow.selected === selected ? before : { ...before, flow: { ...before.flow, selected } }
    }
    const shape = shapeOf(node, { definition, media, promoted: promotedOf(workflow, node, known) })
    if (before && before.definition === definition && sameLayout(before, node, shape)) {
      const flow = before.flow.selected === selected ? before.flow : { ...before.flow, selected }
      return { node, media, definition, flow }
    }
    return { node, media, definition, flow: flowNode(workflow, node, definition, shape, selected) }
  }

  /** What is known of a node. Subgraphs are described once, until they change. */
  private definition(
    workflow: Workflow,
    body: Body,
    node: WorkflowNode,
    known: Definitions,
  ): NodeDefinition | undefined {
    const plain = known.get(node.type)
    if (plain) return plain
    if (GETTERS.has(node.type)) return definitionOf(workflow, node, known, body)
    const subgraph = subgraphOf(workflow, node.type)
    const key: object = subgraph ?? node
    const kept = this.definitions.get(key)
    if (kept) return kept
    const definition = definitionOf(workflow, node, known, body)
    if (definition) this.definitions.set(key, definition)
    return definition
  }

  private group(group: Group, at: number, selected: ReadonlySet<string>): FlowNode {
    const id = `${GROUP_ID}${at}`
    const isSelected = selected.has(id)
    const before = this.groups.get(id)
    if (before && before.group === group && before.flow.selected === isSelected) return before.flow
    const [x, y, width, height] = group.bounding
    const flow: FlowNode = {
      id,
      type: 'group-box',
      position: { x, y },
      width,
      height,
      measured: { width, height },
      handles: [],
      zIndex: -10,
      selected: isSelected,
      dragHandle: '.group-handle',
      data: { at, group } satisfies GroupData,
    }
    this.groups.set(id, { group, flow })
    return flow
  }

  /** Links between nodes that there are. */
  linksOf(body: Body): FlowEdge[] {
    const extra = (body as Workflow).extra ?? body
    if (this.links && this.links.from === body.links && this.links.extra === extra) return this.links.edges
    const next = new Map<string, { link: ReadLink; route: string; edge: FlowEdge }>()
    const edges = linksOf(body).map((link) => {
      const points = routeOf(body, link.id)
      const route = points.map(({ x, y }) => `${x} ${y}`).join()
      const before = this.edges.get(String(link.id))
      const same = before && before.route === route && sameLink(before.link, link)
      const edge = same ? before.edge : flowEdge(link, points)
      next.set(edge.id, { link, route, edge })
      return edge
    })
    this.edges = next
    this.links = { from: body.links, nodes: body.nodes, extra, edges }
    return edges
  }
}

const sameLink = (one: ReadLink, other: ReadLink): boolean =>
  one.from === other.from &&
  one.to === other.to &&
  one.fromSlot === other.fromSlot &&
  one.toSlot === other.toSlot &&
  one.type === other.type

/** Whether a node that changed is drawn at the same place in the same shape: only values changed. */
function sameLayout({ node, flow }: Kept, next: WorkflowNode, shape: Shape): boolean {
  const before = (flow.data as NodeData).shape
  return (
    before !== undefined &&
    node.pos === next.pos &&
    node.size === next.size &&
    node.flags === next.flags &&
    node.inputs === next.inputs &&
    node.outputs === next.outputs &&
    node.type === next.type &&
    node.title === next.title &&
    node.mode === next.mode &&
    node.color === next.color &&
    node.bgcolor === next.bgcolor &&
    before.height === shape.height &&
    before.media?.y === shape.media?.y &&
    before.widgets.length === shape.widgets.length &&
    before.widgets.every((box, at) => box.name === shape.widgets[at]!.name)
  )
}

function flowNode(
  workflow: Workflow,
  node: WorkflowNode,
  definition: NodeDefinition | undefined,
  shape: Shape,
  selected: boolean,
): FlowNode {
  const { width, height } = shape
  const header = headerOf(node.type)
  const subgraph = subgraphOf(workflow, node.type) !== undefined
  return {
    id: String(node.id),
    type: NOTES.has(node.type) ? 'note' : isReroute(node.type) ? 'reroute' : 'node',
    position: { x: node.pos[0], y: node.pos[1] - header },
    width,
    height,
    measured: { width, height },
    handles: [...shape.inputs, ...shape.outputs]
      .filter((port) => port.slot >= 0)
      .map((port) => handleOf(port, width)),
    draggable: node.flags?.pinned !== true,
    selected,
    data: {
      shape,
      definition,
      missing: definition === undefined,
      subgraph,
      title: node.title || definition?.title || node.type,
      mode: node.mode === MODE.bypassed ? 'bypassed' : node.mode === MODE.muted ? 'muted' : '',
      colour: node.color ?? '',
      ground: node.bgcolor ?? '',
      pinned: node.flags?.pinned === true,
    } satisfies NodeData,
  }
}

const handleOf = (port: Port, width: number): NodeHandle => ({
  id: handleId(port.side, port.slot),
  type: port.side === 'in' ? 'target' : 'source',
  position: port.side === 'in' ? Position.Left : Position.Right,
  x: port.side === 'in' ? 0 : width,
  y: port.y,
  width: 0,
  height: 0,
})

export const handleId = (side: 'in' | 'out', slot: number): string => `${side}${slot}`

const flowEdge = (link: ReadLink, points: Point[]): FlowEdge => ({
  id: String(link.id),
  type: 'link',
  source: String(link.from),
  target: String(link.to),
  sourceHandle: handleId('out', link.fromSlot),
  targetHandle: handleId('in', link.toSlot),
  data: { type: typeText(link.type), points },
})

const pointNode = (point: Point, selected: ReadonlySet<string>): FlowNode => ({
  id: `${POINT_ID}${point.id}`,
  type: 'point',
  position: { x: point.x - 8, y: point.y - 8 },
  width: 16,
  height: 16,
  measured: { width: 16, height: 16 },
  handles: [],
  selected: selected.has(`${POINT_ID}${point.id}`),
  data: {},
})

/** What a subgraph takes and gives, as nodes at its sides. */
function boundaries(body: Body, selected: ReadonlySet<string>): FlowNode[] {
  if (!('inputNode' in body)) return []
  const { inputs = [], outputs = [], inputNode, outputNode } = body as SubgraphDefinition
  const one = (id: number, side: 'in' | 'out', slots: typeof inputs, bounding?: number[]): FlowNode => {
    const [x = 0, y = 0, wide = 0] = bounding ?? []
    const width = Math.max(NARROW, wide)
    const height = HEADER + 8 + Math.max(1, slots.length) * ROW
    return {
      id: String(id),
      type: 'boundary',
      position: { x, y },
      width,
      height,
      measured: { width, height },
      handles: slots.map((slot, at) =>
        handleOf(
          { side, slot: at, name: slot.name, label: '', type: slot.type, linked: true, y: rowOf(at) },
          width,
        ),
      ),
      selected: selected.has(String(id)),
      data: { side, slots },
    }
  }
  return [
    one(INPUTS_NODE, 'out', inputs, inputNode?.bounding),
    one(OUTPUTS_NODE, 'in', outputs, outputNode?.bounding),
  ]
}

const NARROW = 160
export const rowOf = (at: number): number => HEADER + 4 + at * ROW + ROW / 2

/** Widgets of nodes inside that a subgraph's node shows, in files that list them. */
function promotedOf(workflow: Workflow, node: WorkflowNode, known: Definitions) {
  const proxies = proxiesOf(node).filter(([, name]) => !name.startsWith('$$'))
  if (proxies.length === 0 || !subgraphOf(workflow, node.type)) return undefined
  return proxies.flatMap(([inner, name]) => {
    const way = inner === '-1' ? String(node.id) : `${node.id}:${inner}`
    const target = findNode(workflow, way)
    const definition = target && definitionAt(workflow, way, target, known)
    const widget = target && widgetsOf(target, definition).find((entry) => entry.name === name)
    return widget ? [{ widget, place: { node: way, widget: name } }] : []
  })
}
