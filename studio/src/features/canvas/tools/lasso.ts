import { Lasso } from 'lucide-react'
import { t } from '@/i18n/text'
import { dashed, drawHandles, trace } from '../stage/marks'
import type { CanvasStage } from '../stage/stage'
import { useCanvasStore } from '../state/canvas-store'
import { distance, type Point } from '../state/geometry'
import { select } from '../state/selection-actions'
import type { Tool } from '../toolbox/tool'

let line: Point[] = []
/** Where the pointer is while a polygon is drawn. */
let ahead: Point | null = null

const NEAR = 10
const isPolygon = () => useCanvasStore.getState().lasso === 'polygon'

/** Selects what was drawn around; returns whether that was something. */
function close(stage: CanvasStage, add: boolean): boolean {
  const drawn = line
  line = []
  ahead = null
  if (drawn.length > 2) select(stage.session, drawn, add)
  stage.drawMarks()
  return drawn.length > 2
}

export const tool: Tool = {
  id: 'lasso',
  label: () => t('Lasso'),
  icon: Lasso,
  keys: 'l',
  order: 60,
  options: ['lasso', 'selection'],
  cursor: 'crosshair',
  start(at, stage) {
    if (!isPolygon()) {
      line = [at.point]
      return
    }
    const [first] = line
    if (first && line.length > 2 && distance(stage.toScreen(first), at.screen) < NEAR) {
      close(stage, at.control)
      return
    }
    line = [...line, at.point]
    stage.drawMarks()
  },
  move(at, stage) {
    if (isPolygon()) ahead = at.point
    else line = [...line, ...at.path.map(({ x, y }) => ({ x, y }))]
    stage.drawMarks()
  },
  end(at, stage) {
    if (isPolygon()) return
    if (!close(stage, at.control)) stage.session.state.setState({ selection: null })
  },
  hover(at, stage) {
    if (!isPolygon() || line.length === 0) return
    ahead = at.point
    stage.drawMarks()
  },
  doubleClick(at, stage) {
    if (isPolygon()) close(stage, at.control)
  },
  accept: (stage) => line.length > 0 && close(stage, false),
  cancel(stage) {
    line = []
    ahead = null
    stage.drawMarks()
  },
  draw(context, stage) {
    if (line.length === 0) return
    const shown = [...line, ...(ahead ? [ahead] : [])].map((point) => stage.toScreen(point))
    context.beginPath()
    trace(context, shown, false)
    dashed(context)
    if (isPolygon()) drawHandles(context, shown.slice(0, line.length), 6)
  },
}
