import { RectangleHorizontal } from 'lucide-react'
import { t } from '@/i18n/text'
import { dashed } from '../stage/marks'
import { useCanvasStore } from '../state/canvas-store'
import { dragged, type Point, type Rect, wholePixels } from '../state/geometry'
import { selectRect } from '../state/selection-actions'
import type { CanvasSession } from '../state/session'
import { paintArea, paintWithin } from '../toolbox/area'
import type { Tool } from '../toolbox/tool'

let from: Point | null = null
let rect: Rect | null = null

/** Selects a rectangle, or fills one, as the options say. */
export function takeRectangle(session: CanvasSession, wanted: Rect, add = false): void {
  const { rectangle, colour } = useCanvasStore.getState()
  if (rectangle === 'select') {
    selectRect(session, wanted, add)
    return
  }
  const area = paintArea(session)
  if (!area) return
  paintWithin(session, t('Rectangle'), { ...area, rect: wanted }, (context) => {
    context.fillStyle = area.layer.colour ?? colour
    context.fillRect(wanted.x, wanted.y, wanted.width, wanted.height)
  })
}

export const tool: Tool = {
  id: 'rectangle',
  label: () => t('Rectangle'),
  icon: RectangleHorizontal,
  keys: 'u',
  order: 50,
  options: ['rectangle', 'colour', 'selection'],
  cursor: 'crosshair',
  start(at) {
    from = at.point
    rect = null
  },
  move(at, stage) {
    if (!from) return
    rect = wholePixels(dragged(from, at.point, at.shift ? 1 : 0))
    stage.drawMarks()
  },
  end(at, stage) {
    const drawn = rect
    from = null
    rect = null
    if (drawn && drawn.width > 1 && drawn.height > 1) takeRectangle(stage.session, drawn, at.control)
    else stage.session.state.setState({ selection: null })
    stage.drawMarks()
  },
  cancel(stage) {
    from = null
    rect = null
    stage.drawMarks()
  },
  draw(context, stage) {
    if (!rect) return
    const { x, y, width, height } = stage.rectToScreen(rect)
    context.beginPath()
    context.rect(Math.round(x) + 0.5, Math.round(y) + 0.5, Math.round(width), Math.round(height))
    dashed(context)
  },
}
