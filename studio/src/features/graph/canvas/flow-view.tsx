import {
  applyNodeChanges,
  type EdgeChange,
  type NodeChange,
  ReactFlow,
  type ReactFlowInstance,
  type Viewport,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import './graph.css'
import { useCallback, useEffect, useMemo, useRef } from 'react'
import { usePreferences } from '@/app/preferences'
import { t } from '@/i18n/text'
import { NodeView } from '../node/node-view'
import { NoteView } from '../node/note-view'
import type { FlowEdge, FlowNode } from '../state/elements'
import { keepView, useGraph, type View, viewKey } from '../state/graph-store'
import { usePanels } from '../state/panels'
import { useScope } from '../state/scope'
import { useElements } from '../state/use-elements'
import { endConnecting, pressPort } from './connecting'
import { followZoom, settleZoom, useDetail } from './detail'
import { useDragging } from './dragging'
import { keepFlow, tellMoved, tellNodes } from './flow-instance'
import { useFlowKeys } from './flow-keys'
import { lightPath, useFlowMenus } from './flow-menus'
import { Grid } from './grid'
import { GroupView } from './group-view'
import { LinkView } from './link-view'
import { ManyLinks } from './many-links'
import { placed } from './placed'
import { BoundaryView, PointView, RerouteView } from './small-views'
import { useStillLayer } from './still-layer'
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
const NO_EDGES: FlowEdge[] = []
const CULLED_FROM = 150
/** From farthest away a node is a few elements: it costs less to keep than to come and go at the edges. */
const CULLED_FAR_FROM = 2_500
const PAN_BUTTONS = [0, 1, 2]
const SELECT_PAN_BUTTONS = [1, 2]
const ADD_KEYS = ['Shift', 'Control', 'Meta']
const SELECT_KEYS = ['Shift', 'Control', 'Meta']

/** The graph itself. It is mounted with the view that it begins with, and never measures its nodes. */
export function FlowView({ view }: { view: View }) {
  const scope = useScope()
  const root = useRef<HTMLDivElement>(null)
  const line = useRef<SVGPathElement>(null)
  const why = useRef<HTMLParagraphElement>(null)
  const { nodes, edges, setNodes } = useElements()
  const { grid, snap } = usePanels()
  const touchpad = usePreferences((state) => state.habits === 'touchpad')
  const detail = useDetail()
  const isFarthest = detail === 'farthest'
  const shown = useMemo(() => placed(nodes, detail !== 'near'), [nodes, detail])
  const drag = useDragging(nodes, edges, setNodes)
  const menus = useFlowMenus()
  const keys = useFlowKeys(root)
  const key = viewKey(scope.document, scope.path)

  useEffect(() => {
    const element = root.current!
    const press = (event: PointerEvent) => {
      const parts = { root: element, line: line.current!, why: why.current!, scope, onDropped: menus.dropped }
      const { connecting } = useGraph.getState()
      if ((event.target as Element).closest('[data-port]')) pressPort(event, parts)
      else if (connecting) endConnecting(parts)
    }
    element.addEventListener('pointerdown', press, { capture: true })
    return () => element.removeEventListener('pointerdown', press, { capture: true })
  }, [scope, menus.dropped])

  const onNodesChange = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      const picked = changes.filter((change) => change.type === 'select')
      if (picked.length > 0) takeSelection('selected', picked)
      const rest = changes.filter((change) => change.type === 'position')
      if (rest.length > 0) setNodes((now) => applyNodeChanges(rest, now))
    },
    [setNodes],
  )
  const onEdgesChange = useCallback((changes: EdgeChange<FlowEdge>[]) => {
    const picked = changes.filter((change) => change.type === 'select')
    if (picked.length > 0) takeSelection('selectedLinks', picked)
  }, [])
  const still = useStillLayer(root)
  const onMove = useCallback(
    (event: MouseEvent | TouchEvent | null, { zoom }: Viewport) => {
      followZoom(zoom)
      still.moved(zoom, event?.type === 'mousemove')
      tellMoved()
    },
    [still],
  )
  useEffect(() => tellNodes(nodes), [nodes])
  const onMoveEnd = useCallback(
    (_: unknown, viewport: Viewport) => {
      settleZoom(viewport.zoom)
      keepView(key, viewport)
      still.ended()
    },
    [key, still],
  )
  const onInit = useCallback(
    (flow: ReactFlowInstance<FlowNode, FlowEdge>) => keepFlow(flow, root.current),
    [],
  )
  useEffect(() => () => keepFlow(null, null), [])
  const proOptions = useMemo(() => ({ hideAttribution: true }), [])

  return (
    <section
      ref={root}
      className="graph relative min-h-0 min-w-0 flex-1 select-none"
      aria-label={t('Graph')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: from here Tab goes from node to node.
      tabIndex={0}
      onKeyDown={keys.onKeyDown}
      onFocus={keys.onFocus}
      onDoubleClick={menus.onDoubleClick}
    >
      <Unmeasured nodes={shown} edges={edges}>
        <ReactFlow
          nodes={shown}
          edges={isFarthest ? NO_EDGES : edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          onNodeDragStart={drag.start}
          onNodeDrag={drag.move}
          onNodeDragStop={drag.stop}
          onSelectionDragStart={drag.startMany}
          onSelectionDragStop={drag.stopMany}
          onNodeClick={menus.onNodeClick}
          onNodeContextMenu={menus.onNode}
          onPaneContextMenu={menus.onGround}
          onEdgeContextMenu={menus.onLink}
          onEdgeClick={menus.onLinkClick}
          onEdgeMouseEnter={lightPath(scope)}
          onEdgeMouseLeave={lightPath(null)}
          onPaneClick={menus.onGroundClick}
          onMove={onMove}
          onMoveEnd={onMoveEnd}
          onInit={onInit}
          defaultViewport={view}
          minZoom={0.04}
          maxZoom={4}
          onlyRenderVisibleElements={nodes.length >= (isFarthest ? CULLED_FAR_FROM : CULLED_FROM)}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={SELECT_KEYS}
          multiSelectionKeyCode={ADD_KEYS}
          zoomOnDoubleClick={false}
          panOnDrag={touchpad ? SELECT_PAN_BUTTONS : PAN_BUTTONS}
          selectionOnDrag={touchpad}
          panOnScroll={touchpad}
          zoomOnScroll={!touchpad}
          snapToGrid={snap}
          nodeDragThreshold={2}
          elevateEdgesOnSelect={false}
          proOptions={proOptions}
        >
          {grid ? <Grid /> : null}
          {isFarthest ? <ManyLinks nodes={nodes} edges={edges} /> : null}
        </ReactFlow>
      </Unmeasured>
      <svg className="pointer-events-none absolute inset-0 size-full" aria-hidden="true">
        <path ref={line} fill="none" strokeWidth={2.5} strokeLinecap="round" />
      </svg>
      <p
        ref={why}
        hidden
        role="status"
        className="pointer-events-none absolute start-0 top-0 rounded-control border border-err bg-overlay px-2 py-1 text-label shadow-menu"
      />
    </section>
  )
}

function takeSelection(
  field: 'selected' | 'selectedLinks',
  changes: { id: string; selected: boolean }[],
): void {
  useGraph.setState((state) => {
    const next = new Set(state[field])
    for (const { id, selected } of changes) {
      if (selected) next.add(id)
      else next.delete(id)
    }
    const only = next.size === 1 ? [...next][0]! : ''
    return field === 'selected' && only ? { selected: next, current: only } : { [field]: next }
  })
}
