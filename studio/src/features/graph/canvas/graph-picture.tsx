import { ReactFlow } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import './graph.css'
import { useLayoutEffect, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { NodeView } from '../node/node-view'
import { NoteView } from '../node/note-view'
import type { View } from '../state/graph-store'
import { bodyOf, useScope } from '../state/scope'
import { useElements } from '../state/use-elements'
import { useKnown } from '../state/values'
import { followZoom, settleZoom } from './detail'
import { boxesOf, viewOf } from './first-view'
import { Grid } from './grid'
import { GroupView } from './group-view'
import { LinkView } from './link-view'
import { BoundaryView, PointView, RerouteView } from './small-views'
import { Unmeasured } from './unmeasured'

const NODE_TYPES = {
  node: NodeView,
  note: NoteView,
  reroute: RerouteView,
  point: PointView,
  boundary: BoundaryView,
  'group-box': GroupView,
}
const EDGE_TYPES = { link: LinkView }

/** A picture of the graph that can be moved and zoomed, and not changed. */
export function GraphPicture() {
  const scope = useScope()
  const known = useKnown()
  const room = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<View | null>(null)
  const { nodes, edges } = useElements()
  useLayoutEffect(() => {
    const body = bodyOf(scope)
    if (!body || !room.current) return
    const first = viewOf(boxesOf(body, known), [room.current.clientWidth, room.current.clientHeight])
    settleZoom(first.zoom)
    setView(first)
  }, [scope, known])
  return (
    <section
      ref={room}
      className="graph size-full [&_.react-flow__node]:!pointer-events-none"
      aria-label={t('Picture of the graph')}
    >
      {view ? (
        <Unmeasured nodes={nodes} edges={edges}>
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={NODE_TYPES}
            edgeTypes={EDGE_TYPES}
            defaultViewport={view}
            minZoom={0.04}
            maxZoom={3}
            onlyRenderVisibleElements={nodes.length >= 150}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            disableKeyboardA11y
            onMove={(_, { zoom }) => followZoom(zoom)}
            onMoveEnd={(_, { zoom }) => settleZoom(zoom)}
            proOptions={{ hideAttribution: true }}
          >
            <Grid />
          </ReactFlow>
        </Unmeasured>
      ) : null}
    </section>
  )
}
