import { ViewportPortal } from '@xyflow/react'
import { memo, useMemo, useRef } from 'react'
import type { FlowEdge, FlowNode } from '../state/elements'
import { useGraph } from '../state/graph-store'
import { usePanels } from '../state/panels'
import { lookOf } from '../state/ports'
import { linkPath, spotOf } from './link-path'

interface ManyLinksProps {
  nodes: readonly FlowNode[]
  edges: readonly FlowEdge[]
}

/** All links as a few lines, one a colour: from so far away none is told from the others. Those of dragged nodes are apart. */
export function ManyLinks({ nodes, edges }: ManyLinksProps) {
  const form = usePanels((state) => state.links)
  const moving = nodes.filter((node) => node.dragging).map((node) => node.id)
  const key = moving.join(' ')
  const rest = useRef(nodes)
  if (moving.length === 0) rest.current = nodes
  const settled = rest.current
  const [still, loose] = useMemo(() => {
    const ids = new Set(key ? key.split(' ') : [])
    const isLoose = (edge: FlowEdge) => ids.has(edge.source) || ids.has(edge.target)
    return [edges.filter((edge) => !isLoose(edge)), edges.filter(isLoose)]
  }, [edges, key])
  const straight = form === 'straight'
  const calm = useMemo(() => linesOf(settled, still, straight), [settled, still, straight])
  return (
    <ViewportPortal>
      <Ground nodes={settled} />
      {form === 'hidden' ? null : <Lines lines={calm} />}
      {form === 'hidden' || loose.length === 0 ? null : <Lines lines={linesOf(nodes, loose, straight)} />}
      <LitLinks nodes={nodes} edges={edges} straight={straight} />
    </ViewportPortal>
  )
}

/** An all but clear sheet below all nodes: on one sheet they are painted as one, with gaps between them many would be layers. */
const Ground = memo(function Ground({ nodes }: { nodes: readonly FlowNode[] }) {
  const [left, top, right, bottom] = boundsOf(nodes)
  if (!(right > left)) return null
  return (
    <div
      className="pointer-events-none absolute -z-20 bg-black/1"
      style={{ left, top, width: right - left, height: bottom - top }}
    />
  )
})

function boundsOf(nodes: readonly FlowNode[]): [number, number, number, number] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { position, width = 0, height = 0 } of nodes) {
    left = Math.min(left, position.x - 8)
    top = Math.min(top, position.y)
    right = Math.max(right, position.x + width + 8)
    bottom = Math.max(bottom, position.y + height)
  }
  return [left, top, right, bottom]
}

/** Selected links, and those that lead to what the pointer is over. */
function LitLinks({ nodes, edges, straight }: ManyLinksProps & { straight: boolean }) {
  const lit = useGraph((state) => state.lit)
  const shown = edges.filter((edge) => edge.selected || lit.has(edge.id))
  return shown.length > 0 ? <Lines lines={linesOf(nodes, shown, straight)} wide /> : null
}

const Lines = memo(function Lines({
  lines,
  wide,
}: {
  lines: [colour: string, path: string][]
  wide?: boolean
}) {
  return (
    <svg
      className="pointer-events-none absolute start-0 top-0 -z-10 overflow-visible"
      width={1}
      height={1}
      aria-hidden="true"
      fill="none"
      strokeWidth={wide ? 8 : 4}
    >
      {lines.map(([colour, path]) => (
        <path key={colour} d={path} stroke={colour} />
      ))}
    </svg>
  )
})

function linesOf(
  nodes: readonly FlowNode[],
  edges: readonly FlowEdge[],
  straight: boolean,
): [colour: string, path: string][] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const lines = new Map<string, string>()
  for (const edge of edges) {
    const from = spotOf(byId.get(edge.source), edge.sourceHandle)
    const to = spotOf(byId.get(edge.target), edge.targetHandle)
    if (!from || !to) continue
    const { colour } = lookOf(edge.data?.type ?? '*')
    lines.set(colour, (lines.get(colour) ?? '') + linkPath(from, to, edge.data?.points ?? [], straight))
  }
  return [...lines]
}
