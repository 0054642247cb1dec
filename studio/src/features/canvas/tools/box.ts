import { Frame } from 'lucide-react'
import { t } from '@/i18n/text'
import { setBox, snapSize, useSizes } from '../box/box-actions'
import { cursorOf, HANDLES, type Handle, handleAt, placeOf, resized } from '../stage/handles'
import { drawHandles } from '../stage/marks'
import type { CanvasStage } from '../stage/stage'
import { contains, dragged, type Point, type Rect } from '../state/geometry'
import type { Pointing, Tool } from '../toolbox/tool'

interface Drag {
  from: Point
  box: Rect
  /** None: the box is moved; `new`: another one is drawn. */
  handle: Handle | null
  fresh: boolean
}

let drag: Drag | null = null

const handleUnder = (at: Pointing, stage: CanvasStage) =>
  handleAt(at.screen, (handle) => stage.toScreen(placeOf(handle, stage.box)), at.touch)

export const tool: Tool = {
  id: 'box',
  label: () => t('Box: what the model sees'),
  icon: Frame,
  keys: 'c',
  order: 100,
  options: ['box'],
  cursor: 'crosshair',
  phone: true,
  start(at, stage) {
    const handle = handleUnder(at, stage) ?? null
    const inside = contains(stage.box, at.point)
    drag = { from: at.point, box: stage.box, handle, fresh: !handle && !inside }
  },
  move(at, stage) {
    if (!drag) return
    const { ratio } = stage.session.canvas
    const keep = at.shift && ratio === 0 ? drag.box.width / drag.box.height : ratio
    stage.liveBox = snapped(moveBox(drag, at.point, keep), drag)
    stage.draw()
  },
  end(_at, stage) {
    const box = stage.liveBox
    drag = null
    stage.liveBox = null
    if (box && box.width > 0) setBox(stage.session, box)
    else stage.drawMarks()
  },
  cancel(stage) {
    drag = null
    stage.liveBox = null
    stage.draw()
  },
  hover(at, stage) {
    const handle = handleUnder(at, stage)
    stage.host.style.cursor = handle ? cursorOf(handle) : contains(stage.box, at.point) ? 'move' : 'crosshair'
  },
  draw(context, stage) {
    const { box } = stage
    if (box.width <= 0) return
    drawHandles(
      context,
      HANDLES.map((handle) => stage.toScreen(placeOf(handle, box))),
      8,
    )
    drawSize(context, stage)
  },
}

function moveBox({ from, box, handle, fresh }: Drag, to: Point, ratio: number): Rect {
  const by = { x: to.x - from.x, y: to.y - from.y }
  if (fresh) return dragged(from, to, ratio)
  if (handle) return resized(box, handle, by, ratio)
  return { ...box, x: box.x + by.x, y: box.y + by.y }
}

/** On the model's grid; the edge that was not dragged stays where it is. */
function snapped(rect: Rect, { handle }: Drag): Rect {
  const { width, height } = snapSize(useSizes.getState(), rect.width, rect.height)
  return {
    x: Math.round(handle && handle.x < 0 ? rect.x + rect.width - width : rect.x),
    y: Math.round(handle && handle.y < 0 ? rect.y + rect.height - height : rect.y),
    width,
    height,
  }
}

function drawSize(context: CanvasRenderingContext2D, stage: CanvasStage): void {
  const { box } = stage
  const { x, y } = stage.rectToScreen(box)
  const text = `${box.width} × ${box.height}`
  context.font = '500 11px "Inter Variable", system-ui, sans-serif'
  const { width } = context.measureText(text)
  context.fillStyle = 'rgb(0 0 0 / 0.7)'
  context.fillRect(x - 1, y - 24, width + 12, 18)
  context.fillStyle = '#fff'
  context.fillText(text, x + 5, y - 11)
}
