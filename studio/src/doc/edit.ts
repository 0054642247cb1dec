/**
 * Changes of a graph. Every function works on an Immer draft of a body: the workflow, or one of its subgraphs.
 *
 * A link is written in three places (the list of links, its source's output, its target's input); these functions keep
 * the three equal, along with reroutes and the ports of subgraphs.
 */
import { isWidget, type NodeDefinition } from './definitions'
import {
  INPUTS_NODE,
  idOf,
  linkById,
  linksOf,
  OUTPUTS_NODE,
  type ReadLink,
  sameId,
  writtenLink,
} from './links'
import { hasControl, readArray } from './widget-reading'
import { defaultOf } from './widgets'
import type { Body, Group, InputSlot, Link, NodeId, NodeMode, OutputSlot, WorkflowNode } from './workflow'

const TITLE_HEIGHT = 30
const ROW = 20
const WIDGET_ROW = 24
/** What a picture that is chosen, or that came of a run, takes below the widgets. */
export const PICTURE_ROOM = 180

export const nodeIn = (body: Body, id: NodeId): WorkflowNode | undefined =>
  body.nodes.find((node) => sameId(node.id, id))

/** The next free id of a node; it counts as used from then on. */
export function takeNodeId(draft: Body): number {
  const id =
    Math.max(lastId(draft, 'last_node_id', 'lastNodeId'), ...draft.nodes.map((node) => numberOf(node.id))) + 1
  keepLastId(draft, 'last_node_id', 'lastNodeId', id)
  return id
}

/** The next free id of a link. */
export function takeLinkId(draft: Body): number {
  const used = linksOf(draft).map((link) => link.id)
  const id = Math.max(lastId(draft, 'last_link_id', 'lastLinkId'), ...used) + 1
  keepLastId(draft, 'last_link_id', 'lastLinkId', id)
  return id
}

const numberOf = (id: NodeId): number => (Number.isSafeInteger(Number(id)) ? Number(id) : 0)

function lastId(body: Body, key: string, stateKey: string): number {
  const state = body.state as Record<string, unknown> | undefined
  return Math.max(0, ...[body[key], state?.[stateKey]].filter((entry) => typeof entry === 'number'))
}

function keepLastId(draft: Body, key: string, stateKey: string, id: number): void {
  const state = draft.state as Record<string, unknown> | undefined
  if (state && typeof state === 'object') state[stateKey] = id
  if (!state || key in draft) (draft as Record<string, unknown>)[key] = id
}

/** Adds a node of a type with the values that a new one has; returns its id. */
export function addNode(draft: Body, definition: NodeDefinition, pos: [number, number]): NodeId {
  const node = newNode(definition, takeNodeId(draft), pos)
  node.order = draft.nodes.length
  draft.nodes.push(node)
  return node.id
}

/** A node of a type as it is when it is new. */
export function newNode(definition: NodeDefinition, id: NodeId, pos: [number, number]): WorkflowNode {
  const bare = { id, type: definition.type, pos, size: [0, 0] } as WorkflowNode
  const widgets = readArray(bare, definition).missing
  const values = widgets.flatMap((input) => [defaultOf(input), ...(hasControl(input) ? ['randomize'] : [])])
  const inputs = definition.inputs.filter((input) => !input.hidden && input.settings.socketless !== true)
  const node: WorkflowNode = {
    ...bare,
    pos: [Math.round(pos[0]), Math.round(pos[1])],
    flags: {},
    mode: 0,
    inputs: inputs.map((input) => newInput(input.name, input.type, isWidget(input), input.required)),
    outputs: definition.outputs.map((output) => ({ name: output.name, type: output.type, links: null })),
    properties: { 'Node name for S&R': definition.type },
    widgets_values: values as unknown[],
  }
  node.size = naturalSize(node, widgets)
  return node
}

const newInput = (name: string, type: string, widget: boolean, required: boolean): InputSlot => ({
  name,
  type,
  ...(widget ? { widget: { name } } : required ? {} : { shape: 7 }),
  link: null,
})

/** The size that a node needs to show everything. */
export function naturalSize(
  node: WorkflowNode,
  widgets: { type: string; settings: Record<string, unknown> }[] = [],
): [number, number] {
  const sockets = (node.inputs ?? []).filter((slot) => !slot.widget).length
  const rows = Math.max(sockets, node.outputs?.length ?? 0)
  const long = widgets.filter((input) => input.type === 'STRING' && input.settings.multiline).length
  const width = long > 0 ? 400 : widgets.length > 0 ? 270 : 210
  const picture = widgets.some((input) => input.settings.image_upload) ? PICTURE_ROOM : 0
  const rest = (widgets.length - long) * WIDGET_ROW + long * 120 + picture + 8
  return [width, TITLE_HEIGHT + rows * ROW + rest]
}

/** Removes nodes with all their links. */
export function removeNodes(draft: Body, ids: NodeId[]): void {
  const gone = new Set(ids.map(String))
  for (const link of linksOf(draft)) {
    if (gone.has(String(link.from)) || gone.has(String(link.to))) disconnect(draft, link.id)
  }
  draft.nodes = draft.nodes.filter((node) => !gone.has(String(node.id)))
}

/**
 * Links an output to an input, given by number or by name; a link that was there goes. Returns the link's id, or
 * undefined if there is no such node or socket. A widget that has no socket yet gets one.
 */
export function connect(
  draft: Body,
  from: NodeId,
  fromSlot: number,
  to: NodeId,
  toSlot: number | string,
): number | undefined {
  const slot = typeof toSlot === 'number' ? toSlot : socketOf(draft, to, toSlot)
  if (slot < 0 || !hasOutput(draft, from, fromSlot) || !hasInput(draft, to, slot)) return undefined
  const before = linksOf(draft).find((link) => sameId(link.to, to) && link.toSlot === slot)
  if (before && sameId(before.from, from) && before.fromSlot === fromSlot) return before.id
  if (before) disconnect(draft, before.id)
  const link: ReadLink = {
    id: takeLinkId(draft),
    from,
    fromSlot,
    to,
    toSlot: slot,
    type: outputType(draft, from, fromSlot),
  }
  ;(draft.links as Link[]).push(writtenLink(draft, link))
  attach(draft, link)
  return link.id
}

/** The number of an input by its name; one that stands for a widget is added where there is none. */
function socketOf(draft: Body, to: NodeId, name: string): number {
  const node = nodeIn(draft, to)
  if (!node) return -1
  node.inputs ??= []
  const at = node.inputs.findIndex((slot) => slot.name === name)
  return at >= 0 ? at : node.inputs.push({ name, type: '*', widget: { name }, link: null }) - 1
}

function hasOutput(body: Body, id: NodeId, slot: number): boolean {
  if (sameId(id, INPUTS_NODE)) return slot < ((body.inputs as unknown[] | undefined)?.length ?? 0)
  return nodeIn(body, id)?.outputs?.[slot] !== undefined
}

function hasInput(body: Body, id: NodeId, slot: number): boolean {
  if (sameId(id, OUTPUTS_NODE)) return slot < ((body.outputs as unknown[] | undefined)?.length ?? 0)
  return nodeIn(body, id)?.inputs?.[slot] !== undefined
}

function outputType(body: Body, id: NodeId, slot: number): string {
  if (sameId(id, INPUTS_NODE)) return (body.inputs as { type: string }[])[slot]?.type ?? '*'
  const type = nodeIn(body, id)?.outputs?.[slot]?.type
  return typeof type === 'string' ? type : '*'
}

/** Writes a link at both of its ends. */
function attach(draft: Body, link: ReadLink): void {
  if (sameId(link.from, INPUTS_NODE)) portIds(draft, 'inputs', link.fromSlot)?.push(link.id)
  else {
    const output = nodeIn(draft, link.from)?.outputs?.[link.fromSlot]
    if (output) output.links = [...(output.links ?? []), link.id]
  }
  if (sameId(link.to, OUTPUTS_NODE)) portIds(draft, 'outputs', link.toSlot)?.push(link.id)
  else {
    const input = nodeIn(draft, link.to)?.inputs?.[link.toSlot]
    if (input) input.link = link.id
  }
}

function portIds(draft: Body, side: 'inputs' | 'outputs', slot: number): number[] | undefined {
  const port = (draft[side] as { linkIds?: number[] }[] | undefined)?.[slot]
  if (port) port.linkIds ??= []
  return port?.linkIds
}

/** Removes a link at all the places where it is written. */
export function disconnect(draft: Body, id: number): void {
  const link = linkById(draft, id)
  if (!link) return
  draft.links = (draft.links as Link[]).filter(
    (entry) => entry === null || idOf(entry) !== id,
  ) as typeof draft.links
  const output = nodeIn(draft, link.from)?.outputs?.[link.fromSlot]
  if (output?.links) output.links = output.links.filter((other) => other !== id)
  const input = nodeIn(draft, link.to)?.inputs?.[link.toSlot]
  if (input?.link === id) input.link = null
  for (const side of ['inputs', 'outputs'] as const) {
    if (!('inputNode' in draft)) break
    for (const port of (draft[side] as { linkIds?: number[] }[] | undefined) ?? []) {
      if (port.linkIds?.includes(id)) port.linkIds = port.linkIds.filter((other) => other !== id)
    }
  }
  forgetReroutes(draft, id)
}

interface Reroute {
  id: number
  parentId?: number
  linkIds?: number[] | null
  floating?: unknown
}

/** Points on the way of a link that is gone go too, unless another link uses them. */
function forgetReroutes(draft: Body, link: number): void {
  const extra = draft.extra as Record<string, unknown> | undefined
  for (const owner of [draft as Record<string, unknown>, extra]) {
    if (Array.isArray(owner?.linkExtensions)) {
      owner.linkExtensions = owner.linkExtensions.filter((entry: { id: number }) => entry.id !== link)
    }
    if (!Array.isArray(owner?.reroutes)) continue
    const reroutes = owner.reroutes as Reroute[]
    if (!reroutes.some((entry) => entry.linkIds?.includes(link))) continue
    for (const entry of reroutes) entry.linkIds = entry.linkIds?.filter((other) => other !== link)
    owner.reroutes = reroutes.filter(
      (entry) => entry.floating || entry.linkIds === undefined || entry.linkIds?.length,
    )
  }
}

/** Sets the mode (see MODE) of nodes. */
export function setMode(draft: Body, ids: NodeId[], mode: NodeMode): void {
  for (const node of chosen(draft, ids)) node.mode = mode
}

/** Bypasses or mutes nodes, or brings them back if all of them are in that mode already. */
export function toggleMode(draft: Body, ids: NodeId[], mode: NodeMode): void {
  const nodes = chosen(draft, ids)
  setMode(draft, ids, nodes.every((node) => node.mode === mode) ? 0 : mode)
}

/** Moves nodes by an offset. */
export function moveNodes(draft: Body, ids: NodeId[], [x, y]: [number, number]): void {
  for (const node of chosen(draft, ids)) node.pos = [node.pos[0] + x, node.pos[1] + y]
}

const chosen = (draft: Body, ids: NodeId[]): WorkflowNode[] => {
  const names = new Set(ids.map(String))
  return draft.nodes.filter((node) => names.has(String(node.id)))
}

const MARGIN = 10

/** Puts a frame around nodes (around nothing: at the given place); returns its id. */
export function addGroup(draft: Body, ids: NodeId[], title: string, at: [number, number] = [0, 0]): number {
  const nodes = chosen(draft, ids)
  const groups: Group[] = draft.groups ?? []
  const id = Math.max(0, ...groups.map((group) => group.id ?? 0)) + 1
  const bounding = nodes.length > 0 ? frameAround(nodes) : ([at[0], at[1], 420, 240] as Group['bounding'])
  draft.groups = [...groups, { id, title, bounding, color: '#3f789e', flags: {} }]
  return id
}

/** The rectangle around nodes with room for a title: x, y, width, height. */
export function frameAround(nodes: WorkflowNode[]): [number, number, number, number] {
  const left = Math.min(...nodes.map((node) => node.pos[0])) - MARGIN
  const top = Math.min(...nodes.map((node) => node.pos[1])) - TITLE_HEIGHT - MARGIN - 34
  const right = Math.max(...nodes.map((node) => node.pos[0] + node.size[0])) + MARGIN
  const bottom = Math.max(...nodes.map((node) => node.pos[1] + node.size[1])) + MARGIN
  return [left, top, right - left, bottom - top]
}

/** Removes a node and links what came in to what went out, where the types are the same. */
export function dissolveNode(draft: Body, id: NodeId): void {
  const node = nodeIn(draft, id)
  if (!node) return
  const links = linksOf(draft)
  const rewired = (node.outputs ?? []).flatMap((output: OutputSlot) => {
    const source = node.inputs?.find((input) => input.type === output.type && input.link !== null)
    const before = source && links.find((link) => link.id === source.link)
    const after = links.filter((link) => output.links?.includes(link.id))
    return before ? after.map((link) => [before.from, before.fromSlot, link.to, link.toSlot] as const) : []
  })
  removeNodes(draft, [id])
  for (const ends of rewired) connect(draft, ...ends)
}
