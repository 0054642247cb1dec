/** Clicks on the graph: menus, adding, cutting, lighting a link's path. */
import type { EdgeMouseHandler } from '@xyflow/react'
import { useMemo } from 'react'
import { t } from '@/i18n/text'
import { cut } from '../editing/actions'
import { groupMenu } from '../editing/group-actions'
import { addPoint } from '../editing/reroute-actions'
import { socketMenu } from '../editing/socket-menu'
import { groundMenu, nodeMenu } from '../node/node-menu'
import type { FlowEdge, FlowNode } from '../state/elements'
import { GROUP_ID } from '../state/elements'
import { type PortRef, select, showMenu, useGraph } from '../state/graph-store'
import { linkIndex, wholePath } from '../state/links'
import { bodyOf, nodeOf, type Scope, useScope } from '../state/scope'
import { currentFlow, fitView } from './flow-instance'
import { portOf } from './port-element'

type MouseLike = { clientX: number; clientY: number; preventDefault: () => void; target: EventTarget | null }

interface Modifiers {
  shiftKey: boolean
  ctrlKey: boolean
  metaKey: boolean
}

const NONE: ReadonlySet<string> = new Set()

/** Lights the whole path of the link that the pointer is over; null: puts the light out. */
export const lightPath =
  (scope: Scope | null): EdgeMouseHandler<FlowEdge> =>
  (_, edge) => {
    const body = scope && bodyOf(scope)
    const link = body && linkIndex(body).byId.get(Number(edge.id))
    useGraph.setState({ lit: body && link ? wholePath(body, link) : NONE })
  }

/** Opens the search for a node to add. */
export function openAdding(at: [number, number], from?: PortRef): void {
  const place = currentFlow()?.screenToFlowPosition({ x: at[0], y: at[1] }) ?? { x: 0, y: 0 }
  useGraph.setState({ adding: { at, place: [place.x, place.y], ...(from ? { from } : {}) } })
}

export function useFlowMenus() {
  const scope = useScope()
  return useMemo(() => {
    const spot = (event: MouseLike): [number, number] => [event.clientX, event.clientY]
    const inGraph = (event: MouseLike): [number, number] => {
      const place = currentFlow()?.screenToFlowPosition({ x: event.clientX, y: event.clientY }) ?? {
        x: 0,
        y: 0,
      }
      return [place.x, place.y]
    }
    return {
      dropped: (at: [number, number], from: PortRef) => openAdding(at, from),
      onNode: (event: MouseLike, node: FlowNode) => {
        if ((event.target as Element).closest('input, textarea')) return
        event.preventDefault()
        const port = portOf(event.target as Element)
        if (port && nodeOf(scope, port.node))
          return showMenu(spot(event), socketMenu(scope, port, spot(event)))
        showMenu(
          spot(event),
          node.id.startsWith(GROUP_ID)
            ? groupMenu(scope, Number(node.id.slice(GROUP_ID.length)))
            : nodeMenu(scope, node.id),
        )
      },
      onGround: (event: MouseLike) => {
        event.preventDefault()
        showMenu(
          spot(event),
          groundMenu(scope, () => openAdding(spot(event)), inGraph(event), fitView),
        )
      },
      // A plain click on one of several that are selected means that one.
      onNodeClick: (event: MouseLike & Modifiers, node: FlowNode) => {
        if (event.shiftKey || event.ctrlKey || event.metaKey) return
        if (useGraph.getState().selected.size > 1) select([node.id])
      },
      onGroundClick: () => select([]),
      onLink: (event: MouseLike, edge: FlowEdge) => {
        event.preventDefault()
        showMenu(spot(event), [
          { label: t('Add a point'), onSelect: () => addPoint(scope, Number(edge.id), inGraph(event)) },
          { label: t('Disconnect'), danger: true, onSelect: () => cut(scope, [Number(edge.id)]) },
        ])
      },
      onLinkClick: (event: MouseLike & { altKey: boolean }, edge: FlowEdge) => {
        if (event.altKey) cut(scope, [Number(edge.id)])
      },
      onDoubleClick: (event: MouseLike) => {
        const target = event.target as Element
        if (target.classList.contains('react-flow__pane')) return openAdding(spot(event))
        const node = target
          .closest<HTMLElement>('.graph-head, .graph-title')
          ?.closest<HTMLElement>('[data-node]')
        const id = node?.dataset.node ?? ''
        if (!id || target.closest('input, button')) return
        const flow = currentFlow()?.getNode(id)
        if (flow?.data.subgraph)
          useGraph.setState((state) => ({
            paths: { ...state.paths, [scope.document]: [...scope.path, id] },
            selected: NONE,
          }))
        else useGraph.setState({ renaming: id })
      },
    }
  }, [scope])
}
