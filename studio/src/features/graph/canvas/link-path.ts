/** How links are drawn. */
import type { FlowNode } from '../state/elements'

interface Spot {
  x: number
  y: number
}

/** The path of a link through points, as SVG writes it. */
export function linkPath(from: Spot, to: Spot, points: readonly Spot[], straight = false): string {
  const stops = [from, ...points, to]
  let path = `M${from.x},${from.y}`
  for (let at = 1; at < stops.length; at += 1) {
    const one = stops[at - 1]!
    const other = stops[at]!
    path += straight ? `L${other.x},${other.y}` : curve(one, other)
  }
  return path
}

function curve(one: Spot, other: Spot): string {
  const across = other.x - one.x
  const bend =
    across > 0
      ? Math.max(24, across / 2)
      : Math.min(180, 40 + Math.abs(across) / 3 + Math.abs(other.y - one.y) / 6)
  return `C${one.x + bend},${one.y} ${other.x - bend},${other.y} ${other.x},${other.y}`
}

/** Where a port of a node is, in the graph. */
export function spotOf(node: FlowNode | undefined, handle: string | null | undefined): Spot | null {
  const found = node?.handles?.find((entry) => entry.id === handle)
  return node && found ? { x: node.position.x + found.x, y: node.position.y + found.y } : null
}
