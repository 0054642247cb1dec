/** What can be done with nodes: each is one step of undo with a name of its own. */
import { copyNodes, duplicate, pasteNodes, readClipping } from '@/doc/clipboard'
import { addGroup, disconnect, dissolveNode, moveNodes, removeNodes, toggleMode } from '@/doc/edit'
import { layout } from '@/doc/layout'
import { INPUTS_NODE, OUTPUTS_NODE } from '@/doc/links'
import { type Body, MODE, type NodeId, type WorkflowNode } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { announce } from '@/ui/announce'
import { toast } from '@/ui/toasts'
import { drawnSize } from '../canvas/flow-instance'
import { GROUP_ID, POINT_ID } from '../state/elements'
import { HEADER, headerOf } from '../state/geometry'
import { enter, type PortRef, select, useGraph } from '../state/graph-store'
import { knownDefinitions } from '../state/known'
import { linkIndex, linkInto } from '../state/links'
import { movePoint } from '../state/reroutes'
import { bodyOf, editBody, editNode, nodeOf, nodesById, type Scope, workflowOf } from '../state/scope'
import { removePoints } from './reroute-actions'
import { wire } from './wiring'

const count = (ids: unknown[]): number => ids.length

/** Ids of the nodes that are selected, as the document has them. */
export function selectedNodes(scope: Scope): NodeId[] {
  const body = bodyOf(scope)
  if (!body) return []
  const known = nodesById(body.nodes)
  return [...useGraph.getState().selected].flatMap((id) => known.get(id)?.id ?? [])
}

const selectedGroups = (): number[] =>
  [...useGraph.getState().selected]
    .filter((id) => id.startsWith(GROUP_ID))
    .map((id) => Number(id.slice(GROUP_ID.length)))

export function bypass(scope: Scope, ids = selectedNodes(scope)): void {
  editBody(scope, { label: t('Bypass {{count}} nodes', { count: count(ids) }) }, (body) =>
    toggleMode(body, ids, MODE.bypassed),
  )
}

export function mute(scope: Scope, ids = selectedNodes(scope)): void {
  editBody(scope, { label: t('Mute {{count}} nodes', { count: count(ids) }) }, (body) =>
    toggleMode(body, ids, MODE.muted),
  )
}

/** Removes what is selected: nodes, groups (not what is in them), links. */
export function removeSelected(scope: Scope): void {
  const ids = selectedNodes(scope)
  const groups = new Set(selectedGroups())
  const links = [...useGraph.getState().selectedLinks]
  const points = new Set(
    [...useGraph.getState().selected]
      .filter((id) => id.startsWith(POINT_ID))
      .map((id) => Number(id.slice(POINT_ID.length))),
  )
  const all = ids.length + groups.size + links.length + points.size
  if (all === 0) return
  editBody(scope, { label: t('Delete {{count}} things', { count: all }) }, (body) => {
    for (const link of links) disconnect(body, Number(link))
    if (points.size > 0) removePoints(body, points)
    removeNodes(body, ids)
    if (groups.size > 0) body.groups = body.groups?.filter((_, at) => !groups.has(at))
  })
  select([])
  announce(t('Deleted {{count}} things', { count: all }))
}

/** Removes nodes and leads links past them where the types are the same. */
export function dissolve(scope: Scope, ids = selectedNodes(scope)): void {
  editBody(scope, { label: t('Take out {{count}} nodes', { count: count(ids) }) }, (body) => {
    for (const id of ids) dissolveNode(body, id)
  })
  select([])
}

function eachNode(scope: Scope, label: string, ids: NodeId[], change: (node: WorkflowNode) => void): void {
  const names = new Set(ids.map(String))
  editBody(scope, { label }, (body) => {
    for (const node of body.nodes) if (names.has(String(node.id))) change(node)
  })
}

export function collapse(scope: Scope, ids = selectedNodes(scope)): void {
  const open = ids.some((id) => !nodeOf(scope, String(id))?.flags?.collapsed)
  eachNode(scope, open ? t('Collapse') : t('Open up'), ids, (node) => {
    node.flags = { ...node.flags, collapsed: open }
  })
}

export function pin(scope: Scope, ids = selectedNodes(scope)): void {
  const loose = ids.some((id) => !nodeOf(scope, String(id))?.flags?.pinned)
  eachNode(scope, loose ? t('Pin') : t('Unpin'), ids, (node) => {
    node.flags = { ...node.flags, pinned: loose }
  })
}

/** Gives nodes a colour; none takes it away. */
export function colour(
  scope: Scope,
  head: string | undefined,
  body: string | undefined,
  ids = selectedNodes(scope),
): void {
  eachNode(scope, t('Change colour'), ids, (node) => {
    if (head) node.color = head
    else delete node.color
    if (body) node.bgcolor = body
    else delete node.bgcolor
  })
}

export function group(scope: Scope): void {
  const ids = selectedNodes(scope)
  if (ids.length === 0) return
  editBody(scope, { label: t('Group {{count}} nodes', { count: count(ids) }) }, (body) => {
    addGroup(body, ids, t('Group'))
  })
  const at = (bodyOf(scope)?.groups?.length ?? 1) - 1
  useGraph.setState({ renaming: `${GROUP_ID}${at}` })
}

const MERGE_MOVE = 'move'

/** Moves what is selected, by keys: presses within a pause are one step. */
export function nudge(scope: Scope, by: [number, number]): void {
  const ids = selectedNodes(scope).filter((id) => !nodeOf(scope, String(id))?.flags?.pinned)
  if (ids.length === 0) return
  editBody(scope, { label: t('Move {{count}} nodes', { count: count(ids) }), merge: MERGE_MOVE }, (body) =>
    moveNodes(body, ids, by),
  )
}

/** Puts nodes, groups and points where they were dragged to. Places are those of the elements, with headers. */
export function putAt(scope: Scope, places: Map<string, { x: number; y: number }>): void {
  editBody(scope, { label: t('Move {{count}} nodes', { count: places.size }) }, (body) => {
    body.nodes.forEach((node, at) => {
      const place = places.get(String(node.id))
      if (place) body.nodes[at]!.pos = [Math.round(place.x), Math.round(place.y) + headerOf(node.type)]
    })
    for (const [id, place] of places) putOther(body, id, place)
  })
}

/** Puts something that is no node: a point, a group, the ports of a subgraph. */
function putOther(body: Body, id: string, { x, y }: { x: number; y: number }): void {
  if (id.startsWith(POINT_ID)) movePoint(body, Number(id.slice(POINT_ID.length)), [x + 8, y + 8])
  const frame = id.startsWith(GROUP_ID) ? body.groups?.[Number(id.slice(GROUP_ID.length))] : undefined
  if (frame) frame.bounding = [Math.round(x), Math.round(y), frame.bounding[2], frame.bounding[3]]
  const side = id === String(INPUTS_NODE) ? 'inputNode' : id === String(OUTPUTS_NODE) ? 'outputNode' : ''
  const edge = side ? (body[side] as { bounding?: number[] } | undefined) : undefined
  if (edge?.bounding) edge.bounding = [x, y, edge.bounding[2] ?? 120, edge.bounding[3] ?? 60]
}

export function resize(scope: Scope, id: string, size: [number, number]): void {
  editNode(scope, id, { label: t('Resize node'), merge: `resize:${id}` }, (node) => {
    node.size = [Math.round(size[0]), Math.round(size[1] - HEADER)]
  })
}

/** Links two ports, whichever was named first; `instead` of a link that is moved. Returns whether it could. */
export function link(scope: Scope, one: PortRef, other: PortRef, instead?: number): boolean {
  const [from, to] = one.side === 'out' ? [one, other] : [other, one]
  if (from.side !== 'out' || to.side !== 'in') return false
  let made = false
  editBody(scope, { label: instead === undefined ? t('Connect') : t('Move link') }, (body, workflow) => {
    if (instead !== undefined) disconnect(body, instead)
    const toSlot = to.slot >= 0 ? to.slot : (to.widget ?? '')
    made = wire(
      workflow,
      body,
      { from: idOf(from), fromSlot: from.slot, to: idOf(to), toSlot },
      knownDefinitions(),
    )
  })
  return made
}

const idOf = (port: PortRef): NodeId => (/^-?\d+$/.test(port.node) ? Number(port.node) : port.node)

export function cut(scope: Scope, links: Iterable<number>): void {
  const ids = [...links]
  if (ids.length === 0) return
  editBody(scope, { label: t('Disconnect') }, (body) => {
    for (const id of ids) disconnect(body, id)
  })
}

/** Cuts all links at a port. */
export function cutPort(scope: Scope, port: Pick<PortRef, 'node' | 'side' | 'slot'>): void {
  const body = bodyOf(scope)
  if (!body) return
  const into = port.side === 'in' ? linkInto(body, port.node, port.slot) : undefined
  const out = (linkIndex(body).byNode.get(port.node) ?? []).filter(
    (entry) => port.side === 'out' && String(entry.from) === port.node && entry.fromSlot === port.slot,
  )
  cut(scope, [...(into ? [into.id] : []), ...out.map((entry) => entry.id)])
}

/** The part of the graph that is selected, as text for the clipboard; empty if nothing is. */
export function copied(scope: Scope): string {
  const body = bodyOf(scope)
  const ids = selectedNodes(scope)
  const groups = selectedGroups().flatMap((at) => body?.groups?.[at] ?? [])
  if (!body || ids.length + groups.length === 0) return ''
  return JSON.stringify(copyNodes(body, ids, workflowOf(scope.document), groups))
}

/** Pastes a part of a graph; returns false if the text is none. */
export function pasteText(scope: Scope, text: string, at: [number, number], keepLinks: boolean): boolean {
  const clipping = readClipping(text)
  if (!clipping || clipping.nodes.length + clipping.groups.length === 0) return false
  let ids: NodeId[] = []
  editBody(
    scope,
    { label: t('Paste {{count}} nodes', { count: clipping.nodes.length }) },
    (body, workflow) => {
      ids = pasteNodes(body, clipping, { at, keepLinks, workflow })
    },
  )
  select(ids.map(String))
  announce(t('Pasted {{count}} nodes', { count: ids.length }))
  return true
}

export function duplicateSelected(
  scope: Scope,
  offset: [number, number] = [30, 30],
  keepLinks = false,
): void {
  const ids = selectedNodes(scope)
  if (ids.length === 0) return
  let copies: NodeId[] = []
  editBody(scope, { label: t('Duplicate {{count}} nodes', { count: count(ids) }) }, (body) => {
    copies = duplicate(body, ids, offset, keepLinks)
  })
  select(copies.map(String))
}

export type Alignment = 'left' | 'right' | 'top' | 'bottom' | 'middle' | 'centre'

/** Aligns the selected nodes to the outermost of them. */
export function align(scope: Scope, how: Alignment): void {
  const ids = selectedNodes(scope)
  const nodes = ids.flatMap((id) => nodeOf(scope, String(id)) ?? [])
  if (nodes.length < 2) return
  const sizes = new Map(nodes.map((node) => [String(node.id), drawnSize(node)]))
  const edge = {
    left: Math.min(...nodes.map((node) => node.pos[0])),
    right: Math.max(...nodes.map((node) => node.pos[0] + drawnSize(node)[0])),
    top: Math.min(...nodes.map((node) => node.pos[1])),
    bottom: Math.max(...nodes.map((node) => node.pos[1] + drawnSize(node)[1])),
  }
  eachNode(scope, t('Align {{count}} nodes', { count: count(ids) }), ids, (node) => {
    const [x, y] = node.pos
    const [width, height] = sizes.get(String(node.id))!
    const moved: Record<Alignment, [number, number]> = {
      left: [edge.left, y],
      right: [edge.right - width, y],
      centre: [(edge.left + edge.right - width) / 2, y],
      top: [x, edge.top],
      bottom: [x, edge.bottom - height],
      middle: [x, (edge.top + edge.bottom - height) / 2],
    }
    node.pos = [Math.round(moved[how][0]), Math.round(moved[how][1])]
  })
}

/** Gives the selected nodes equal gaps, across or down. */
export function distribute(scope: Scope, axis: 0 | 1): void {
  const nodes = selectedNodes(scope)
    .flatMap((id) => nodeOf(scope, String(id)) ?? [])
    .sort((one, other) => one.pos[axis] - other.pos[axis])
  if (nodes.length < 3) return
  const first = nodes[0]!
  const last = nodes.at(-1)!
  const room = last.pos[axis] + drawnSize(last)[axis] - first.pos[axis]
  const used = nodes.reduce((sum, node) => sum + drawnSize(node)[axis], 0)
  const gap = (room - used) / (nodes.length - 1)
  const places = new Map<string, number>()
  let at = first.pos[axis]
  for (const node of nodes) {
    places.set(String(node.id), at)
    at += drawnSize(node)[axis] + gap
  }
  eachNode(
    scope,
    t('Distribute {{count}} nodes', { count: nodes.length }),
    nodes.map((node) => node.id),
    (node) => {
      node.pos = [...node.pos]
      node.pos[axis] = Math.round(places.get(String(node.id))!)
    },
  )
}

/** Lays nodes out from left to right: those selected, or all. */
export function arrange(scope: Scope): void {
  const body = bodyOf(scope)
  if (!body) return
  const chosen = new Set(selectedNodes(scope).map(String))
  const nodes = chosen.size > 1 ? body.nodes.filter((node) => chosen.has(String(node.id))) : body.nodes
  if (nodes.length === 0) return
  const origin: [number, number] = [
    Math.min(...nodes.map((node) => node.pos[0])),
    Math.min(...nodes.map((node) => node.pos[1])),
  ]
  const places = layout([...nodes], [...body.links], drawnSize, origin)
  eachNode(
    scope,
    t('Lay out {{count}} nodes', { count: nodes.length }),
    nodes.map((node) => node.id),
    (node) => {
      node.pos = places.get(node.id) ?? node.pos
    },
  )
}

/** Opens a node's renaming, or goes into the subgraph that it stands for. */
export function openNode(scope: Scope, id: string, isSubgraph: boolean): void {
  if (isSubgraph) enter(scope.document, [...scope.path, id])
  else useGraph.setState({ renaming: id })
}

/** Says that something cannot be done, and why. */
export const refuse = (why: string): void => {
  toast({ text: why, tone: 'warn' })
}
