import type { EdgeProps } from '@xyflow/react'
import { memo } from 'react'
import type { FlowEdge } from '../state/elements'
import { useGraph } from '../state/graph-store'
import { usePanels } from '../state/panels'
import { lookOf } from '../state/ports'
import { linkPath } from './link-path'

/** A link: a curve from an output to an input, through its points. */
export const LinkView = memo(function LinkView({
  id,
  sourceX,
  sourceY,
  targetX,
  targetY,
  data,
}: EdgeProps<FlowEdge>) {
  const lit = useGraph((state) => state.lit.has(id))
  const form = usePanels((state) => state.links)
  if (form === 'hidden' && !lit) return null
  const path = linkPath(
    { x: sourceX, y: sourceY },
    { x: targetX, y: targetY },
    data?.points ?? [],
    form === 'straight',
  )
  return (
    <path
      className="graph-link"
      d={path}
      stroke={lookOf(data?.type ?? '*').colour}
      data-lit={lit}
      pointerEvents="stroke"
    />
  )
})
