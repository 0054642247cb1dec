/** Where one looks at first: where one was, where the file says, or everything; always known before anything is drawn. */
import { getViewportForBounds } from '@xyflow/react'
import type { Definitions } from '@/doc/definitions'
import type { Body, Workflow } from '@/doc/workflow'
import { headerOf, shapeOf } from '../state/geometry'
import { keptView, type View } from '../state/graph-store'

interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

const LARGEST = 1
const SMALLEST = 0.04
const MARGIN = 0.1

export function firstView(body: Body, known: Definitions, key: string, size: [number, number]): View {
  const kept = keptView(key)
  if (kept) return kept
  const boxes = boxesOf(body, known)
  const written = writtenView(body)
  if (written && boxes.filter((box) => isSeen(box, written, size)).length >= Math.min(3, boxes.length))
    return written
  return viewOf(boxes, size)
}

/** A view of everything. */
export function viewOf(boxes: Rectangle[], [width, height]: [number, number]): View {
  if (boxes.length === 0) return { x: width / 2, y: height / 3, zoom: 1 }
  const left = Math.min(...boxes.map((box) => box.x))
  const top = Math.min(...boxes.map((box) => box.y))
  const right = Math.max(...boxes.map((box) => box.x + box.width))
  const bottom = Math.max(...boxes.map((box) => box.y + box.height))
  const bounds = { x: left, y: top, width: right - left, height: bottom - top }
  return getViewportForBounds(bounds, width, height, SMALLEST, LARGEST, MARGIN)
}

/** Rectangles of all nodes and groups. */
export function boxesOf(body: Body, known: Definitions): Rectangle[] {
  const nodes = body.nodes.map((node) => {
    const { width, height } = shapeOf(node, { definition: known.get(node.type), media: false })
    return { x: node.pos[0], y: node.pos[1] - headerOf(node.type), width, height }
  })
  const groups = (body.groups ?? []).map(({ bounding: [x, y, width, height] }) => ({ x, y, width, height }))
  return [...nodes, ...groups]
}

/** The view that ComfyUI's page kept in the file. */
function writtenView(body: Body): View | undefined {
  const ds = (body as Workflow).extra?.ds as { scale?: unknown; offset?: unknown } | undefined
  const offset = Array.isArray(ds?.offset) ? (ds.offset as unknown[]) : []
  const [x, y, zoom] = [Number(offset[0]), Number(offset[1]), Number(ds?.scale)]
  if (!Number.isFinite(x + y) || !(zoom >= SMALLEST && zoom <= 4)) return undefined
  return { x: x * zoom, y: y * zoom, zoom }
}

const isSeen = (box: Rectangle, view: View, [width, height]: [number, number]): boolean => {
  const left = box.x * view.zoom + view.x
  const top = box.y * view.zoom + view.y
  return left + box.width * view.zoom > 0 && top + box.height * view.zoom > 0 && left < width && top < height
}
