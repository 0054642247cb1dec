/**
 * Nodes as a browser paints hundreds of them fast. The library shifts each by a transform and makes it a stacking context of
 * its own; either has the browser decide for every node, in every frame, in which layer it lies. So all are placed by `left`
 * and `top`, and from far away, where nothing in a node overlaps, they share one stacking context.
 */
import type { FlowNode } from '../state/elements'

const near = new WeakMap<FlowNode, FlowNode>()
const far = new WeakMap<FlowNode, FlowNode>()

/** The same nodes, in the order given; one that did not change keeps its identity. */
export function placed(nodes: readonly FlowNode[], isFar: boolean): FlowNode[] {
  const known = isFar ? far : near
  return nodes.map((node) => {
    const before = known.get(node)
    if (before) return before
    const { x, y } = node.position
    const flat = isFar && !node.selected && node.zIndex === undefined
    const next = {
      ...node,
      style: { ...node.style, left: x, top: y, transform: 'none', ...(flat ? { zIndex: 'auto' } : {}) },
    }
    known.set(node, next)
    return next
  })
}
