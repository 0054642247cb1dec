/** Places for the nodes of a graph that has none: in layers from left to right, each as near to its sources as there is room. */
import { type ReadLink, readLink } from './links'
import type { Link, NodeId, WorkflowNode } from './workflow'

const GAP_X = 60
const GAP_Y = 60
const TURNS = 4

export type SizeOf = (node: WorkflowNode) => readonly [number, number]

interface Laid {
  node: WorkflowNode
  layer: number
  sources: string[]
  targets: string[]
  row: number
}

/**
 * Positions by node id, so that links lead to the right and no two nodes overlap. Sizes are the nodes' own, unless whoever
 * draws them knows better.
 */
export function layout(
  nodes: WorkflowNode[],
  links: Link[],
  sizeOf: SizeOf = (node) => node.size,
  origin: [number, number] = [0, 0],
): Map<NodeId, [number, number]> {
  const laid = layered(nodes, links.map(readLink))
  const layers = inLayers(laid)
  untangle(layers, laid)
  return place(layers, sizeOf, origin)
}

function layered(nodes: WorkflowNode[], links: ReadLink[]): Map<string, Laid> {
  const laid = new Map<string, Laid>()
  for (const node of nodes) laid.set(String(node.id), { node, layer: 0, sources: [], targets: [], row: 0 })
  for (const link of links) {
    const [from, to] = [String(link.from), String(link.to)]
    if (from === to || !laid.has(from) || !laid.has(to)) continue
    laid.get(from)?.targets.push(to)
    laid.get(to)?.sources.push(from)
  }
  const done = new Set<string>()
  const depth = (id: string, path: Set<string>): number => {
    const entry = laid.get(id) as Laid
    if (done.has(id) || path.has(id)) return entry.layer
    path.add(id)
    entry.layer = Math.max(0, ...entry.sources.map((source) => depth(source, path) + 1))
    path.delete(id)
    done.add(id)
    return entry.layer
  }
  for (const id of laid.keys()) depth(id, new Set())
  // What has no sources moves right, next to what it feeds.
  for (const entry of laid.values()) {
    if (entry.sources.length > 0 || entry.targets.length === 0) continue
    entry.layer = Math.max(0, Math.min(...entry.targets.map((id) => (laid.get(id) as Laid).layer)) - 1)
  }
  return laid
}

function inLayers(laid: Map<string, Laid>): Laid[][] {
  const layers: Laid[][] = []
  for (const entry of laid.values()) {
    layers[entry.layer] ??= []
    layers[entry.layer]?.push(entry)
  }
  return Array.from(layers, (layer) => layer ?? [])
}

/** Orders each layer by the middle of its neighbours, to and fro. */
function untangle(layers: Laid[][], laid: Map<string, Laid>): void {
  const number = (layer: Laid[]) =>
    layer.forEach((entry, row) => {
      entry.row = row
    })
  layers.forEach(number)
  for (let turn = 0; turn < TURNS; turn += 1) {
    const forth = turn % 2 === 0
    for (const layer of forth ? layers : [...layers].reverse()) {
      const middles = new Map(
        layer.map((entry) => [entry, middle(forth ? entry.sources : entry.targets, laid, entry.row)]),
      )
      layer.sort((one, other) => (middles.get(one) as number) - (middles.get(other) as number))
      number(layer)
    }
  }
}

function middle(ids: string[], laid: Map<string, Laid>, otherwise: number): number {
  if (ids.length === 0) return otherwise
  return ids.reduce((sum, id) => sum + (laid.get(id) as Laid).row, 0) / ids.length
}

function place(
  layers: Laid[][],
  sizeOf: SizeOf,
  [left, top]: [number, number],
): Map<NodeId, [number, number]> {
  const found = new Map<NodeId, [number, number]>()
  const heights = layers.map((layer) => layer.reduce((sum, { node }) => sum + sizeOf(node)[1] + GAP_Y, 0))
  const tallest = Math.max(0, ...heights)
  let x = left
  layers.forEach((layer, at) => {
    let y = top + (tallest - (heights[at] as number)) / 2
    for (const { node } of layer) {
      found.set(node.id, [Math.round(x), Math.round(y)])
      y += sizeOf(node)[1] + GAP_Y
    }
    x += Math.max(0, ...layer.map(({ node }) => sizeOf(node)[0])) + GAP_X
  })
  return found
}
