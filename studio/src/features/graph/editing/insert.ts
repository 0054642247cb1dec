/** Putting a node into a link: it is dropped on one, and takes and gives what the link carries. */
import { disconnect } from '@/doc/edit'
import { t } from '@/i18n/text'
import { spotOf } from '../canvas/link-path'
import type { FlowEdge, FlowNode, NodeData } from '../state/elements'
import { knownDefinitions } from '../state/known'
import { linkIndex } from '../state/links'
import { fits } from '../state/ports'
import { bodyOf, editBody, type Scope } from '../state/scope'
import { wire } from './wiring'

interface Spot {
  x: number
  y: number
}

/** A link that a node may be put into, with places along its way. */
export interface Target {
  id: number
  way: Spot[]
  input: number
  output: number
}

/** The links that a node may be put into: it has none itself yet, and takes and gives what they carry. */
export function targetsFor(
  scope: Scope,
  node: FlowNode,
  nodes: readonly FlowNode[],
  edges: readonly FlowEdge[],
): Target[] {
  const body = bodyOf(scope)
  const { shape } = node.data as Partial<NodeData>
  if (!body || !shape || (linkIndex(body).byNode.get(node.id)?.length ?? 0) > 0) return []
  const byId = new Map(nodes.map((other) => [other.id, other]))
  return edges.flatMap((edge) => {
    const type = edge.data?.type ?? '*'
    const input = shape.inputs.find((port) => port.slot >= 0 && !port.widget && fits(type, port.type))
    const output = shape.outputs.find((port) => fits(port.type, type))
    const from = spotOf(byId.get(edge.source), edge.sourceHandle)
    const to = spotOf(byId.get(edge.target), edge.targetHandle)
    if (!input || !output || !from || !to) return []
    const way = alongStops([from, ...(edge.data?.points ?? []), to])
    return [{ id: Number(edge.id), way, input: input.slot, output: output.slot }]
  })
}

/** The target that a node lies on with its upper part: the one whose way comes nearest to the middle of it. */
export function targetBelow(targets: readonly Target[], { position, width = 0, height = 0 }: FlowNode) {
  const middle = { x: position.x + width / 2, y: position.y + Math.min(height, UPPER) / 2 }
  let best: { target: Target; distance: number } | undefined
  for (const target of targets) {
    for (const { x, y } of target.way) {
      const [across, down] = [Math.abs(x - middle.x), Math.abs(y - middle.y)]
      if (across > width / 2 || down > Math.min(height, UPPER) / 2) continue
      const distance = across + down
      if (!best || distance < best.distance) best = { target, distance }
    }
  }
  return best?.target
}

/** How far down a node takes links. */
const UPPER = 64
const STEPS = 24

/** Places along a link, close enough to each other that no node is missed. */
function alongStops(stops: Spot[]): Spot[] {
  return stops.slice(1).flatMap((to, at) => {
    const from = stops[at]!
    const bend = Math.max(24, Math.abs(to.x - from.x) / 2)
    return Array.from({ length: STEPS + 1 }, (_, step) => {
      const part = step / STEPS
      const rest = 1 - part
      const [one, two] = [3 * rest * rest * part, 3 * rest * part * part]
      return {
        x: rest ** 3 * from.x + one * (from.x + bend) + two * (to.x - bend) + part ** 3 * to.x,
        y: (rest ** 3 + one) * from.y + (two + part ** 3) * to.y,
      }
    })
  })
}

/** Leads a link through a node that was dropped on it. */
export function insertIntoLink(scope: Scope, node: string, target: Target): void {
  const body = bodyOf(scope)
  const link = body && linkIndex(body).byId.get(target.id)
  if (!link) return
  const id = /^\d+$/.test(node) ? Number(node) : node
  const known = knownDefinitions()
  editBody(scope, { label: t('Insert into link') }, (draft, workflow) => {
    disconnect(draft, link.id)
    const before = { from: link.from, fromSlot: link.fromSlot, to: id, toSlot: target.input }
    const behind = { from: id, fromSlot: target.output, to: link.to, toSlot: link.toSlot }
    wire(workflow, draft, before, known)
    wire(workflow, draft, behind, known)
  })
}
