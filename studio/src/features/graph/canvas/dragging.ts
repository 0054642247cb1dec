/** Dragging: what is dragged moves on the screen only; the document is changed once, when it is let go. */
import type { OnNodeDrag } from '@xyflow/react'
import { type Dispatch, type SetStateAction, useMemo, useRef } from 'react'
import { duplicate } from '@/doc/clipboard'
import { t } from '@/i18n/text'
import { putAt, selectedNodes } from '../editing/actions'
import { nodesIn } from '../editing/group-actions'
import { insertIntoLink, type Target, targetBelow, targetsFor } from '../editing/insert'
import { type FlowEdge, type FlowNode, GROUP_ID } from '../state/elements'
import { select, useGraph } from '../state/graph-store'
import { editBody, useScope } from '../state/scope'

interface Drag {
  from: Map<string, { x: number; y: number }>
  /** Nodes in groups that are dragged. */
  carried: Map<string, { x: number; y: number }>
  copies: boolean
  /** Links that the one that is dragged may be put into. */
  targets: Target[]
}

type Setter = Dispatch<SetStateAction<FlowNode[]>>

export function useDragging(nodes: FlowNode[], edges: FlowEdge[], setNodes: Setter) {
  const scope = useScope()
  const latest = useRef(nodes)
  latest.current = nodes
  const links = useRef(edges)
  links.current = edges
  const drag = useRef<Drag | null>(null)
  return useMemo(() => {
    const targetsOf = (node: FlowNode) => targetsFor(scope, node, latest.current, links.current)
    const begin = (event: { altKey: boolean }, dragged: FlowNode[]) => {
      const places = new Map(latest.current.map((node) => [node.id, node.position]))
      const carried = new Map<string, { x: number; y: number }>()
      for (const { id } of dragged) {
        if (!id.startsWith(GROUP_ID)) continue
        for (const node of nodesIn(scope, Number(id.slice(GROUP_ID.length)))) {
          const place = places.get(String(node.id))
          if (place && !dragged.some((other) => other.id === String(node.id)))
            carried.set(String(node.id), place)
        }
      }
      const from = new Map(dragged.map(({ id }) => [id, places.get(id) ?? { x: 0, y: 0 }]))
      drag.current = {
        from,
        carried,
        copies: event.altKey,
        targets: isOne(dragged, event, carried.size) ? targetsOf(dragged[0]!) : [],
      }
    }
    const offset = (dragged: FlowNode[]): { x: number; y: number } => {
      const first = dragged.find(({ id }) => drag.current?.from.has(id))
      const start = first && drag.current?.from.get(first.id)
      return first && start
        ? { x: first.position.x - start.x, y: first.position.y - start.y }
        : { x: 0, y: 0 }
    }
    const carry = (dragged: FlowNode[]) => {
      const { carried, targets = [] } = drag.current ?? {}
      if (targets.length > 0 && dragged[0]) light(targetBelow(targets, dragged[0])?.id)
      if (!carried || carried.size === 0) return
      const by = offset(dragged.filter(({ id }) => id.startsWith(GROUP_ID)))
      setNodes((now) =>
        now.map((node) => {
          const start = carried.get(node.id)
          return start ? { ...node, position: { x: start.x + by.x, y: start.y + by.y } } : node
        }),
      )
    }
    const end = (dragged: FlowNode[]) => {
      const was = drag.current
      drag.current = null
      if (!was) return
      const by = (() => {
        const first = dragged[0]
        const start = first && was.from.get(first.id)
        return first && start
          ? { x: first.position.x - start.x, y: first.position.y - start.y }
          : { x: 0, y: 0 }
      })()
      if (by.x === 0 && by.y === 0) return
      if (was.copies) return copy(by)
      const places = new Map(dragged.map(({ id, position }) => [id, position]))
      for (const [id, { x, y }] of was.carried) places.set(id, { x: x + by.x, y: y + by.y })
      putAt(scope, places)
      const [one] = dragged
      const target = one && targetBelow(was.targets, one)
      if (target) insertIntoLink(scope, one.id, target)
      if (was.targets.length > 0) light(undefined)
    }
    const copy = (by: { x: number; y: number }) => {
      let copies: (string | number)[] = []
      const ids = selectedNodes(scope)
      editBody(scope, { label: t('Duplicate {{count}} nodes', { count: ids.length }) }, (body) => {
        copies = duplicate(body, ids, [Math.round(by.x), Math.round(by.y)])
      })
      select(copies.map(String))
    }
    const start: OnNodeDrag<FlowNode> = (event, _, dragged) => begin(event, dragged)
    const move: OnNodeDrag<FlowNode> = (_, __, dragged) => carry(dragged)
    const stop: OnNodeDrag<FlowNode> = (_, __, dragged) => end(dragged)
    return {
      start,
      move,
      stop,
      startMany: (event: { altKey: boolean }, dragged: FlowNode[]) => begin(event, dragged),
      stopMany: (_: unknown, dragged: FlowNode[]) => end(dragged),
    }
  }, [scope, setNodes])
}

/** Shows the link that what is dragged would be put into. */
function light(link: number | undefined): void {
  const id = link === undefined ? '' : String(link)
  const { lit } = useGraph.getState()
  if (id ? lit.size === 1 && lit.has(id) : lit.size === 0) return
  useGraph.setState({ lit: new Set(id ? [id] : []) })
}

/** Whether a single thing is dragged, and is not copied by it. */
const isOne = (dragged: FlowNode[], { altKey }: { altKey: boolean }, carried: number): boolean =>
  dragged.length === 1 && carried === 0 && !altKey
