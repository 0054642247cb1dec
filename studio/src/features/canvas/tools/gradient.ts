import { Blend } from 'lucide-react'
import { t } from '@/i18n/text'
import { dashed, drawHandles } from '../stage/marks'
import { useCanvasStore } from '../state/canvas-store'
import { distance, type Point } from '../state/geometry'
import { paintArea, paintWithin } from '../toolbox/area'
import type { Tool } from '../toolbox/tool'

let from: Point | null = null
let to: Point | null = null

/** From the colour to the one behind it; on masks from masked to free. */
export const tool: Tool = {
  id: 'gradient',
  label: () => t('Gradient'),
  icon: Blend,
  keys: 'Shift+G',
  order: 70,
  options: ['gradient', 'colour'],
  cursor: 'crosshair',
  start(at) {
    from = at.point
    to = null
  },
  move(at, stage) {
    to = at.point
    if (from && at.shift)
      to = Math.abs(to.x - from.x) > Math.abs(to.y - from.y) ? { x: to.x, y: from.y } : { x: from.x, y: to.y }
    stage.drawMarks()
  },
  end(_at, stage) {
    const [start, end] = [from, to]
    from = null
    to = null
    stage.drawMarks()
    if (!start || !end || distance(start, end) < 2) return
    const area = paintArea(stage.session)
    if (!area) return
    const { colour, backColour, gradient } = useCanvasStore.getState()
    paintWithin(stage.session, t('Gradient'), area, (context) => {
      const fade =
        gradient === 'line'
          ? context.createLinearGradient(start.x, start.y, end.x, end.y)
          : context.createRadialGradient(start.x, start.y, 0, start.x, start.y, distance(start, end))
      const own = area.layer.colour
      fade.addColorStop(0, own ?? colour)
      fade.addColorStop(1, own ? `${own}00` : backColour)
      context.fillStyle = fade
      context.fillRect(area.rect.x, area.rect.y, area.rect.width, area.rect.height)
    })
  },
  cancel(stage) {
    from = null
    to = null
    stage.drawMarks()
  },
  draw(context, stage) {
    if (!from || !to) return
    const [start, end] = [stage.toScreen(from), stage.toScreen(to)]
    context.beginPath()
    context.moveTo(start.x, start.y)
    context.lineTo(end.x, end.y)
    dashed(context)
    drawHandles(context, [start, end], 6)
  },
}
