/** What lies over the picture: the dimmed outside of the box, its edge, the selection, and the tool's own marks. */

import type { Drawing } from '../pixels/surface'
import { useCanvasStore } from '../state/canvas-store'
import type { Point, Rect } from '../state/geometry'
import { toolOf } from '../toolbox/tool'
import type { CanvasStage } from './stage'

export const LINE = '#ffffff'
const RIM = 'rgb(0 0 0 / 0.65)'
const DIM = 'rgb(18 18 18 / 0.6)'
export const ACCENT = '#7c9cff'

export function drawMarks(context: Drawing, stage: CanvasStage): void {
  const { tool } = useCanvasStore.getState()
  drawBox(context, stage)
  drawSelection(context, stage)
  toolOf(tool).draw?.(context, stage)
}

function drawBox(context: Drawing, stage: CanvasStage): void {
  const { box } = stage
  if (box.width <= 0) return
  const { x, y, width, height } = crisp(stage.rectToScreen(box))
  const { width: wide, height: high } = context.canvas
  context.fillStyle = DIM
  context.beginPath()
  context.rect(-1, -1, wide + 2, high + 2)
  context.rect(x, y, width, height)
  context.fill('evenodd')
  context.lineWidth = 1
  context.strokeStyle = RIM
  context.strokeRect(x - 1.5, y - 1.5, width + 3, height + 3)
  context.strokeStyle = LINE
  context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1)
}

function drawSelection(context: Drawing, stage: CanvasStage): void {
  const { selection } = stage.session.state.getState()
  if (!selection) return
  context.beginPath()
  for (const line of selection)
    trace(
      context,
      line.map((point) => stage.toScreen(point)),
      true,
    )
  dashed(context)
}

/** A line that is seen on any picture: dark, with white dashes. */
export function dashed(context: Drawing): void {
  context.lineWidth = 1
  context.setLineDash([])
  context.strokeStyle = RIM
  context.stroke()
  context.setLineDash([4, 4])
  context.strokeStyle = LINE
  context.stroke()
  context.setLineDash([])
}

/** Adds a line through points to the path. */
export function trace(path: Drawing | Path2D, points: readonly Point[], closed: boolean): void {
  for (const [at, { x, y }] of points.entries()) at === 0 ? path.moveTo(x, y) : path.lineTo(x, y)
  if (closed) path.closePath()
}

/** Squares to grab, at the given places. */
export function drawHandles(context: Drawing, places: readonly Point[], side: number): void {
  context.lineWidth = 1
  for (const { x, y } of places) {
    context.fillStyle = LINE
    context.strokeStyle = RIM
    const left = Math.round(x - side / 2) + 0.5
    const top = Math.round(y - side / 2) + 0.5
    context.fillRect(left, top, side, side)
    context.strokeRect(left, top, side, side)
  }
}

export function crisp({ x, y, width, height }: Rect): Rect {
  const left = Math.round(x)
  const top = Math.round(y)
  return { x: left, y: top, width: Math.round(x + width) - left, height: Math.round(y + height) - top }
}
