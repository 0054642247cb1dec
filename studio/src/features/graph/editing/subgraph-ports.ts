/**
 * What a subgraph takes and gives: ports are added, named, moved and removed, and every node that stands for the subgraph
 * follows, with its links and values. Works on drafts.
 */
import type { Definitions } from '@/doc/definitions'
import { connect, disconnect } from '@/doc/edit'
import { INPUTS_NODE, idOf, linksOf, OUTPUTS_NODE, type ReadLink, sameId } from '@/doc/links'
import { instanceDefinition, subgraphsOf } from '@/doc/subgraphs'
import { setWidget, widgetsOf, widgetValue } from '@/doc/widgets'
import type {
  Body,
  Link,
  NodeId,
  SubgraphDefinition,
  SubgraphSlot,
  Workflow,
  WorkflowNode,
} from '@/doc/workflow'

export type PortSide = 'inputs' | 'outputs'

/** A socket inside that a new port leads to, or from. */
export interface InnerSocket {
  node: NodeId
  /** Its number; for a widget that has no socket yet, its name. */
  slot: number | string
  name: string
  type: string
  widget: boolean
}

/** Gives a subgraph a port for a socket inside of it. */
export function addPort(
  workflow: Workflow,
  subgraph: SubgraphDefinition,
  side: PortSide,
  socket: InnerSocket,
  known: Definitions,
): void {
  const names = new Set((subgraph[side] ?? []).map((slot) => slot.name))
  let name = socket.name
  for (let turn = 1; names.has(name); turn += 1) name = `${socket.name}_${turn}`
  const at = names.size
  changePorts(workflow, subgraph, side, known, (slots) => {
    slots.push({ id: crypto.randomUUID?.() ?? `${name}-${Date.now()}`, name, type: socket.type, linkIds: [] })
    subgraph[side] = slots
    if (side === 'inputs') connect(subgraph, INPUTS_NODE, at, socket.node, socket.slot)
    else connect(subgraph, socket.node, Number(socket.slot), OUTPUTS_NODE, at)
    return [...(subgraph[side] ?? [])]
  })
  if (!socket.widget) return
  for (const { host } of hostsOf(workflow, subgraph)) {
    const slot = host.inputs?.find((other) => other.name === name)
    if (slot) slot.widget = { name }
  }
}

/** Removes a port with its links, inside and outside. */
export function removePort(
  workflow: Workflow,
  subgraph: SubgraphDefinition,
  side: PortSide,
  at: number,
  known: Definitions,
): void {
  changePorts(workflow, subgraph, side, known, (slots) => slots.filter((_, other) => other !== at))
}

/** Moves a port up (-1) or down (1). */
export function movePort(
  workflow: Workflow,
  subgraph: SubgraphDefinition,
  side: PortSide,
  at: number,
  by: number,
  known: Definitions,
): void {
  changePorts(workflow, subgraph, side, known, (slots) => {
    const [moved] = slots.splice(at, 1)
    if (moved) slots.splice(Math.max(0, at + by), 0, moved)
    return slots
  })
}

/** Gives a port another label; what it is called in files stays, since values are kept under it. */
export function renamePort(
  workflow: Workflow,
  subgraph: SubgraphDefinition,
  side: PortSide,
  at: number,
  label: string,
): void {
  const port = subgraph[side]?.[at]
  if (!port) return
  port.label = label
  for (const { host } of hostsOf(workflow, subgraph)) {
    const slot = host[side]?.find((other) => other.name === port.name)
    if (slot) slot.label = label
  }
}

/** All nodes that stand for a subgraph, wherever they are. */
function hostsOf(workflow: Workflow, subgraph: SubgraphDefinition): { body: Body; host: WorkflowNode }[] {
  return [workflow, ...subgraphsOf(workflow)].flatMap((body) =>
    body.nodes.filter((node) => node.type === subgraph.id).map((host) => ({ body, host })),
  )
}

function changePorts(
  workflow: Workflow,
  subgraph: SubgraphDefinition,
  side: PortSide,
  known: Definitions,
  change: (slots: SubgraphSlot[]) => SubgraphSlot[],
): void {
  const hosts = hostsOf(workflow, subgraph)
  const before = instanceDefinition(workflow, subgraph, known)
  const values = hosts.map(({ host }) =>
    widgetsOf(host, before).map(({ name }): [string, unknown] => [name, widgetValue(host, before, name)]),
  )
  const names = (subgraph[side] ?? []).map((slot) => slot.name)
  const next = change([...(subgraph[side] ?? [])])
  renumber(subgraph, side === 'inputs' ? INPUTS_NODE : OUTPUTS_NODE, side === 'inputs', placesOf(names, next))
  subgraph[side] = next
  const after = instanceDefinition(workflow, subgraph, known)
  hosts.forEach(({ body, host }, at) => {
    followPorts(body, host, side, next)
    if (side === 'outputs' || !Array.isArray(host.widgets_values)) return
    const left = new Set(widgetsOf(host, after).map(({ name }) => name))
    host.widgets_values = []
    for (const [name, value] of values[at] ?? []) {
      if (left.has(name) && value !== undefined) setWidget(host, after, name, value)
    }
  })
}

/** Gives a host the ports that its subgraph has now, in their order. */
function followPorts(body: Body, host: WorkflowNode, side: PortSide, ports: SubgraphSlot[]): void {
  const old = host[side] ?? []
  const names = old.map((slot) => slot.name)
  renumber(body, host.id, side === 'outputs', placesOf(names, ports))
  const kept = new Map((host[side] ?? []).map((slot) => [slot.name, slot]))
  const fresh = side === 'inputs' ? { link: null } : { links: null }
  const next = ports.map(
    ({ name, type, label }) => kept.get(name) ?? { name, type, ...(label ? { label } : {}), ...fresh },
  )
  host[side] = next as never
}

/** Where each port goes, by its old number; undefined: it is gone. */
const placesOf = (names: string[], next: { name: string }[]): Map<number, number | undefined> =>
  new Map(
    names.map((name, at) => {
      const place = next.findIndex((slot) => slot.name === name)
      return [at, place < 0 ? undefined : place]
    }),
  )

/** Leads the links at a node's outputs (or inputs) to their new numbers; those of ports that are gone go. */
function renumber(body: Body, id: NodeId, atOutputs: boolean, places: Map<number, number | undefined>): void {
  const slotOf = (link: ReadLink): number => (atOutputs ? link.fromSlot : link.toSlot)
  const own = linksOf(body).filter((link) => sameId(atOutputs ? link.from : link.to, id))
  const moves = new Map(own.map((link) => [link.id, places.get(slotOf(link))]))
  for (const link of own) {
    if (places.has(slotOf(link)) && moves.get(link.id) === undefined) disconnect(body, link.id)
  }
  const key = atOutputs ? 'origin_slot' : 'target_slot'
  for (const link of body.links as Link[]) {
    const place = link && moves.get(idOf(link))
    if (typeof place !== 'number') continue
    if (Array.isArray(link)) link[atOutputs ? 2 : 4] = place
    else link[key] = place
  }
}
