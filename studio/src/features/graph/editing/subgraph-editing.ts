/**
 * Folding nodes into a subgraph, and a subgraph back into nodes. Works on drafts.
 *
 * Links that cross the border become ports: one input for each source outside, one output for each source inside.
 */
import type { Definitions } from '@/doc/definitions'
import { connect, frameAround, nodeIn, removeNodes, takeLinkId, takeNodeId } from '@/doc/edit'
import { parseExact } from '@/doc/exact-numbers'
import { INPUTS_NODE, linksOf, OUTPUTS_NODE, type ReadLink, sameId } from '@/doc/links'
import { subgraphOf } from '@/doc/subgraphs'
import type {
  Body,
  Group,
  LinkRecord,
  NodeId,
  SubgraphDefinition,
  SubgraphSlot,
  Workflow,
  WorkflowNode,
} from '@/doc/workflow'
import { typeText } from '../state/ports'
import { heldValues, hostSlot, takeValue } from './promoted-values'

const newId = (): string =>
  crypto.randomUUID?.() ?? `${Date.now().toString(16)}-${Math.random().toString(16).slice(2)}`

const plain = <T>(value: T): T => parseExact(JSON.stringify(value)) as T
const record = (link: ReadLink): LinkRecord => ({
  id: link.id,
  origin_id: link.from,
  origin_slot: link.fromSlot,
  target_id: link.to,
  target_slot: link.toSlot,
  type: link.type,
})

/** Folds nodes of a body into a subgraph; returns the id of the node that stands for it. */
export function fold(workflow: Workflow, body: Body, ids: NodeId[], name: string): NodeId {
  const names = new Set(ids.map(String))
  const nodes = plain(body.nodes.filter((node) => names.has(String(node.id))))
  const links = linksOf(body)
  const within = links.filter((link) => names.has(String(link.from)) && names.has(String(link.to)))
  const coming = links.filter((link) => !names.has(String(link.from)) && names.has(String(link.to)))
  const going = links.filter((link) => names.has(String(link.from)) && !names.has(String(link.to)))
  const inputs = portsFrom(coming, (link) => inputName(nodes, link))
  const outputs = portsFrom(going, (link) => outputName(nodes, link))
  const frame = frameAround(nodes)
  const definition = definitionFrom(body, { name, nodes, within, coming, inputs, outputs, frame })
  const middle: [number, number] = [frame[0] + frame[2] / 2 - 140, frame[1] + frame[3] / 2]

  removeNodes(body, ids)
  workflow.definitions ??= {}
  workflow.definitions.subgraphs = [...(workflow.definitions.subgraphs ?? []), definition]
  const host: WorkflowNode = {
    id: takeNodeId(body),
    type: definition.id,
    pos: [Math.round(middle[0]), Math.round(middle[1])],
    size: [280, 40 + Math.max(inputs.length, outputs.length) * 20],
    flags: {},
    order: body.nodes.length,
    mode: 0,
    inputs: inputs.map((port) => ({ name: port.slot.name, type: port.slot.type, link: null })),
    outputs: outputs.map((port) => ({ name: port.slot.name, type: port.slot.type, links: null })),
    properties: {},
    widgets_values: [],
  }
  body.nodes.push(host)
  inputs.forEach(({ links: [link] }, at) => {
    if (link) connect(body, link.from, link.fromSlot, host.id, at)
  })
  outputs.forEach(({ links: all }, at) => {
    for (const link of all) connect(body, host.id, at, link.to, link.toSlot)
  })
  return host.id
}

interface Crossing {
  slot: SubgraphSlot
  links: ReadLink[]
}

/** Ports for links that cross the border; links from the same output share one. */
function portsFrom(
  links: ReadLink[],
  nameOf: (link: ReadLink) => { name: string; type: string },
): Crossing[] {
  const found = new Map<string, Crossing>()
  const used = new Set<string>()
  for (const link of links) {
    const key = `${link.from}/${link.fromSlot}`
    const known = found.get(key)
    if (known) {
      known.links.push(link)
      continue
    }
    const { name, type } = nameOf(link)
    let free = name
    for (let turn = 1; used.has(free); turn += 1) free = `${name}_${turn}`
    used.add(free)
    found.set(key, { slot: { id: newId(), name: free, type, linkIds: [] }, links: [link] })
  }
  return [...found.values()]
}

function inputName(nodes: WorkflowNode[], link: ReadLink) {
  const slot = nodes.find((node) => sameId(node.id, link.to))?.inputs?.[link.toSlot]
  return { name: slot?.name || 'input', type: link.type === '*' ? typeText(slot?.type) : link.type }
}

function outputName(nodes: WorkflowNode[], link: ReadLink) {
  const slot = nodes.find((node) => sameId(node.id, link.from))?.outputs?.[link.fromSlot]
  return { name: slot?.name || 'output', type: typeText(slot?.type ?? link.type) }
}

interface Parts {
  name: string
  nodes: WorkflowNode[]
  within: ReadLink[]
  coming: ReadLink[]
  inputs: Crossing[]
  outputs: Crossing[]
  frame: [number, number, number, number]
}

function definitionFrom(
  body: Body,
  { name, nodes, within, coming, inputs, outputs, frame }: Parts,
): SubgraphDefinition {
  const links = within.map(record)
  const keep = (link: ReadLink): number => {
    links.push(record(link))
    return link.id
  }
  inputs.forEach(({ slot, links: all }, at) => {
    slot.linkIds = all.map((link) => keep({ ...link, from: INPUTS_NODE, fromSlot: at }))
  })
  outputs.forEach(({ slot, links: [first] }, at) => {
    if (!first) return
    const id = coming.length + within.length > 0 ? takeLinkId(body) : first.id
    slot.linkIds = [keep({ ...first, id, to: OUTPUTS_NODE, toSlot: at })]
    const output = nodes.find((node) => sameId(node.id, first.from))?.outputs?.[first.fromSlot]
    if (output) {
      const inside = new Set(within.map((link) => link.id))
      output.links = [...(output.links ?? []).filter((link) => inside.has(link)), id]
    }
  })
  return {
    id: newId(),
    version: 1,
    state: {
      lastGroupId: 0,
      lastNodeId: Math.max(0, ...nodes.map((node) => Number(node.id) || 0)),
      lastLinkId: Math.max(0, ...links.map((link) => link.id)),
      lastRerouteId: 0,
    },
    revision: 0,
    config: {},
    name,
    inputNode: { id: INPUTS_NODE, bounding: [frame[0] - 240, frame[1] + 40, 160, 40 + inputs.length * 20] },
    outputNode: {
      id: OUTPUTS_NODE,
      bounding: [frame[0] + frame[2] + 80, frame[1] + 40, 160, 40 + outputs.length * 20],
    },
    inputs: inputs.map((port) => port.slot),
    outputs: outputs.map((port) => port.slot),
    widgets: [],
    nodes,
    groups: [],
    links,
    extra: {},
  }
}

/** Puts a subgraph's nodes in the place of the node that stands for it, with the values that it holds; returns their ids. */
export function unfold(workflow: Workflow, body: Body, id: NodeId, known: Definitions): NodeId[] {
  const host = nodeIn(body, id)
  const definition = host && subgraphOf(workflow, host.type)
  if (!host || !definition) return []
  const inner = plain(definition)
  const held = heldValues(workflow, host, definition, known)
  const frame = inner.nodes.length > 0 ? frameAround(inner.nodes) : [0, 0, 0, 0]
  const outside = linksOf(body)
  const into = (port: number) => {
    const slot = hostSlot(host, definition, port)
    return outside.find((link) => sameId(link.to, id) && link.toSlot === slot)
  }
  const from = (slot: number) => outside.filter((link) => sameId(link.from, id) && link.fromSlot === slot)
  const ids = new Map<string, NodeId>()
  const by: [number, number] = [host.pos[0] - frame[0]!, host.pos[1] - frame[1]! - 40]
  for (const node of inner.nodes) {
    const next = takeNodeId(body)
    ids.set(String(node.id), next)
    body.nodes.push({
      ...node,
      id: next,
      pos: [node.pos[0] + by[0], node.pos[1] + by[1]],
      // What a node that does not run stands for does not run either.
      ...(host.mode ? { mode: host.mode } : {}),
      inputs: node.inputs?.map((slot) => ({ ...slot, link: null })),
      outputs: node.outputs?.map((slot) => ({ ...slot, links: null })),
    })
  }
  unfoldGroups(body, inner, by)
  const wanted = wiresOf(inner, ids, into, from)
  removeNodes(body, [id])
  for (const ends of wanted) connect(body, ...ends)
  for (const value of held) {
    const target = nodeIn(body, ids.get(value.node) ?? '')
    if (target) takeValue(workflow, body, target, value, known)
  }
  return [...ids.values()]
}

type Ends = [from: NodeId, fromSlot: number, to: NodeId, toSlot: number]

/** The links of what comes out of a subgraph: those inside, and those through its ports. */
function wiresOf(
  inner: SubgraphDefinition,
  ids: Map<string, NodeId>,
  into: (slot: number) => ReadLink | undefined,
  from: (slot: number) => ReadLink[],
): Ends[] {
  const wanted: Ends[] = []
  for (const link of linksOf(inner)) {
    const sourceInside = ids.get(String(link.from))
    const targetInside = ids.get(String(link.to))
    const source = sameId(link.from, INPUTS_NODE) ? into(link.fromSlot) : undefined
    const [one, slot] = source ? [source.from, source.fromSlot] : [sourceInside, link.fromSlot]
    if (one === undefined || isStale(inner, link)) continue
    if (targetInside !== undefined) wanted.push([one, slot, targetInside, link.toSlot])
    else if (sameId(link.to, OUTPUTS_NODE)) {
      for (const next of from(link.toSlot)) wanted.push([one, slot, next.to, next.toSlot])
    }
  }
  return wanted
}

/** Frames of a subgraph stay around their nodes. */
function unfoldGroups(body: Body, inner: SubgraphDefinition, [x, y]: [number, number]): void {
  const groups = Array.isArray(inner.groups) ? inner.groups : []
  if (groups.length === 0) return
  const last = Math.max(0, ...(body.groups ?? []).map((group) => group.id ?? 0))
  const moved = groups.map((group, at): Group => {
    const [left, top, width, height] = group.bounding
    return { ...group, id: last + at + 1, bounding: [left + x, top + y, width, height] }
  })
  body.groups = [...(body.groups ?? []), ...moved]
}

/** Some files list links that their targets know nothing of; what the target says holds. */
function isStale(inner: SubgraphDefinition, link: ReadLink): boolean {
  const slot = nodeIn(inner, link.to)?.inputs?.[link.toSlot]
  return typeof slot?.link === 'number' && slot.link !== link.id
}
