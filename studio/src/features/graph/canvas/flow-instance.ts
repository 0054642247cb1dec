/** The graph that is on the screen, for commands and panels: where it looks, and how to look elsewhere. */
import type { ReactFlowInstance } from '@xyflow/react'
import type { WorkflowNode } from '@/doc/workflow'
import type { FlowEdge, FlowNode } from '../state/elements'
import { headerOf } from '../state/geometry'
import { settleZoom } from './detail'

let flow: ReactFlowInstance<FlowNode, FlowEdge> | null = null
let element: HTMLElement | null = null

export function keepFlow(
  instance: ReactFlowInstance<FlowNode, FlowEdge> | null,
  root: HTMLElement | null,
): void {
  flow = instance
  element = root
  sizes?.disconnect()
  sizes = root && watchSize(root)
  tellMoved()
}

let size: readonly [width: number, height: number] = [0, 0]
let sizes: ResizeObserver | null = null

function watchSize(root: HTMLElement): ResizeObserver {
  const observer = new ResizeObserver(([entry]) => {
    if (entry) size = [entry.contentRect.width, entry.contentRect.height]
    tellMoved()
  })
  observer.observe(root)
  return observer
}

/** The graph's room on the screen. Asking the element itself would lay out the page in the middle of a gesture. */
export const flowSize = () => size

export const currentFlow = () => flow
export const flowElement = () => element

const MARGIN = 0.12
const LARGEST = 1

/** Shows everything, or some nodes. */
export function fitView(ids?: readonly string[]): void {
  const nodes = ids?.map((id) => ({ id }))
  void flow
    ?.fitView({
      ...(nodes ? { nodes } : {}),
      padding: MARGIN,
      maxZoom: LARGEST,
      minZoom: 0.04,
      duration: calm() ? 0 : 180,
    })
    .then(() => flow && settleZoom(flow.getZoom()))
}

export function zoomTo(zoom: number): void {
  void flow?.zoomTo(zoom, { duration: calm() ? 0 : 120 }).then(() => settleZoom(zoom))
}

export const zoomBy = (factor: number): void => {
  if (flow) zoomTo(Math.min(4, Math.max(0.04, flow.getZoom() * factor)))
}

const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

/** The middle of what is seen, in the graph. */
export function middle(): [number, number] {
  const box = element?.getBoundingClientRect()
  const at =
    flow && box
      ? flow.screenToFlowPosition({ x: box.x + box.width / 2, y: box.y + box.height / 2 })
      : { x: 0, y: 0 }
  return [at.x, at.y]
}

/** Brings a node into view if it is not, near enough to be read, and gives it the keyboard. */
export function focusNode(id: string, near = false): void {
  const node = flow?.getInternalNode(id)
  const box = element?.getBoundingClientRect()
  if (!flow || !node || !box) return
  const { x, y } = node.internals.positionAbsolute
  const width = node.measured.width ?? 200
  const height = node.measured.height ?? 100
  const start = flow.flowToScreenPosition({ x, y })
  const end = flow.flowToScreenPosition({ x: x + width, y: y + height })
  const seen = start.x >= box.left && end.x <= box.right && start.y >= box.top && end.y <= box.bottom
  const zoom = near ? Math.max(0.75, flow.getZoom()) : flow.getZoom()
  if (!seen || zoom !== flow.getZoom()) {
    void flow.setCenter(x + width / 2, y + height / 2, { zoom, duration: 0 }).then(() => settleZoom(zoom))
  }
  let tries = 0
  const focus = () => {
    const found = element?.querySelector<HTMLElement>(`[data-node="${CSS.escape(id)}"]`)
    if (found) found.focus({ preventScroll: true })
    else if (tries++ < 10) requestAnimationFrame(focus)
  }
  requestAnimationFrame(focus)
}

/** A node's size without its header, as it is drawn: what is in it may need more than the document says. */
export function drawnSize(node: WorkflowNode): [number, number] {
  const drawn = shown.find(({ id }) => id === String(node.id))
  return drawn
    ? [drawn.width ?? node.size[0], (drawn.height ?? node.size[1]) - headerOf(node.type)]
    : node.size
}

const watchers = new Set<() => void>()

/** Calls when nodes or the view moved. */
export function watchFlow(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => {
    watchers.delete(watcher)
  }
}

let shown: readonly FlowNode[] = []

/** The elements that are shown, as they were given last: the same list as long as nothing moved. */
export const shownNodes = (): readonly FlowNode[] => shown

/** Says that the nodes are others, or elsewhere. */
export function tellNodes(nodes: readonly FlowNode[]): void {
  shown = nodes
  tellMoved()
}

/** Says that nodes or the view moved. */
export const tellMoved = (): void => {
  for (const watcher of watchers) watcher()
}
