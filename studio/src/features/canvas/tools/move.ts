import { Move } from 'lucide-react'
import { t } from '@/i18n/text'
import { toast } from '@/ui/toasts'
import { cursorOf, HANDLES, type Handle, placeOf, resized } from '../stage/handles'
import { dashed, drawHandles, trace } from '../stage/marks'
import type { CanvasStage } from '../stage/stage'
import type { LayerRecord } from '../state/canvas-document'
import {
  apply,
  centreOf,
  cornersOf,
  distance,
  invert,
  type Matrix,
  moved,
  multiply,
  type Point,
  type Rect,
} from '../state/geometry'
import type { Pointing, Tool } from '../toolbox/tool'

interface Drag {
  layer: LayerRecord
  content: Rect
  from: Point
  handle: Handle | 'turn' | null
}

let drag: Drag | null = null

const OUT = 28

/** The active layer's content and matrix, if it has content. */
function target(stage: CanvasStage): { layer: LayerRecord; content: Rect; matrix: Matrix } | null {
  const { session } = stage
  const layer = session.active
  const content = layer?.visible ? session.boundsOf(layer) : null
  return layer && content ? { layer, content, matrix: session.live.get(layer.id) ?? layer.matrix } : null
}

/** Where the handle for turning is: above the middle of the upper edge. */
function turnPlace(stage: CanvasStage, content: Rect, matrix: Matrix): Point {
  const top = stage.toScreen(apply(matrix, placeOf({ x: 0, y: -1 }, content)))
  const middle = stage.toScreen(apply(matrix, centreOf(content)))
  const length = Math.max(1, distance(top, middle))
  return { x: top.x + ((top.x - middle.x) / length) * OUT, y: top.y + ((top.y - middle.y) / length) * OUT }
}

function grabbed(at: Pointing, stage: CanvasStage): Handle | 'turn' | null {
  const found = target(stage)
  if (!found) return null
  const { content, matrix } = found
  const reach = at.touch ? 22 : 9
  if (distance(at.screen, turnPlace(stage, content, matrix)) <= reach) return 'turn'
  const place = (handle: Handle) => stage.toScreen(apply(matrix, placeOf(handle, content)))
  return HANDLES.find((handle) => distance(at.screen, place(handle)) <= reach) ?? null
}

export const tool: Tool = {
  id: 'move',
  label: () => t('Move and transform'),
  icon: Move,
  keys: 'v',
  order: 10,
  options: ['transform'],
  cursor: 'move',
  start(at, stage) {
    const found = target(stage)
    if (!found) {
      toast({ text: t('Choose a layer with something on it.'), lasts: 3_000 })
      return
    }
    if (found.layer.locked) {
      toast({ text: t('“{{name}}” is locked.', { name: found.layer.name }), lasts: 3_000 })
      return
    }
    drag = { layer: found.layer, content: found.content, from: at.point, handle: grabbed(at, stage) }
  },
  move(at, stage) {
    if (!drag) return
    stage.session.live.set(drag.layer.id, draggedMatrix(drag, at))
    stage.draw()
  },
  end(_at, stage) {
    if (!drag) return
    const { layer } = drag
    const matrix = stage.session.live.get(layer.id)
    drag = null
    stage.session.live.delete(layer.id)
    if (matrix) stage.session.changeLayer(layer.id, t('Move layer'), { matrix })
    stage.session.redraw()
  },
  cancel(stage) {
    if (drag) stage.session.live.delete(drag.layer.id)
    drag = null
    stage.draw()
  },
  hover(at, stage) {
    const handle = grabbed(at, stage)
    stage.host.style.cursor = handle === 'turn' ? 'alias' : handle ? cursorOf(handle) : 'move'
  },
  draw(context, stage) {
    const found = target(stage)
    if (!found) return
    const { content, matrix } = found
    context.beginPath()
    trace(
      context,
      cornersOf(content).map((corner) => stage.toScreen(apply(matrix, corner))),
      true,
    )
    dashed(context)
    drawHandles(
      context,
      HANDLES.map((handle) => stage.toScreen(apply(matrix, placeOf(handle, content)))),
      8,
    )
    drawTurn(context, turnPlace(stage, content, matrix))
  },
}

function draggedMatrix({ layer, content, from, handle }: Drag, at: Pointing): Matrix {
  const { matrix } = layer
  if (handle === 'turn') return turned(matrix, content, from, at)
  if (handle === null) {
    const by = { x: Math.round(at.point.x - from.x), y: Math.round(at.point.y - from.y) }
    const sideways = Math.abs(by.x) > Math.abs(by.y)
    return multiply(moved(at.shift && !sideways ? 0 : by.x, at.shift && sideways ? 0 : by.y), matrix)
  }
  // Sized in the layer's own pixels, so that a turned layer is sized along its own sides.
  const inward = invert(matrix)
  const [start, now] = [apply(inward, from), apply(inward, at.point)]
  const corner = handle.x !== 0 && handle.y !== 0
  const keeps = corner && !at.shift ? content.width / content.height : 0
  const next = resized(content, handle, { x: now.x - start.x, y: now.y - start.y }, keeps)
  const [across, down] = [next.width / content.width, next.height / content.height]
  return multiply(matrix, [across, 0, 0, down, next.x - content.x * across, next.y - content.y * down])
}

function turned(matrix: Matrix, content: Rect, from: Point, at: Pointing): Matrix {
  const middle = apply(matrix, centreOf(content))
  const angleTo = (point: Point) => Math.atan2(point.y - middle.y, point.x - middle.x)
  let angle = angleTo(at.point) - angleTo(from)
  if (at.shift) {
    const step = Math.PI / 12
    const now = Math.atan2(matrix[1], matrix[0])
    angle = Math.round((now + angle) / step) * step - now
  }
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const turn: Matrix = [
    cos,
    sin,
    -sin,
    cos,
    middle.x - middle.x * cos + middle.y * sin,
    middle.y - middle.x * sin - middle.y * cos,
  ]
  return multiply(turn, matrix)
}

function drawTurn(context: CanvasRenderingContext2D, { x, y }: Point): void {
  context.beginPath()
  context.arc(x, y, 5, 0, Math.PI * 2)
  context.fillStyle = '#fff'
  context.fill()
  context.strokeStyle = 'rgb(0 0 0 / 0.65)'
  context.stroke()
}
