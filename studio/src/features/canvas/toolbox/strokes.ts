/** Brush and eraser: what both do with a pointer. */
import { t } from '@/i18n/text'
import { PHONE } from '@/ui/use-media'
import { bakeMatrix, chooseMask } from '../layers/layer-actions'
import type { CanvasStage } from '../stage/stage'
import type { LayerRecord } from '../state/canvas-document'
import { useCanvasStore } from '../state/canvas-store'
import { apply, IDENTITY, invert, isMoveOnly, type Matrix } from '../state/geometry'
import { pathWithin } from '../state/selection'
import { Stroke, type StrokePoint } from './stroke'
import type { Pointing, Tool } from './tool'

interface Working {
  stroke: Stroke
  layer: LayerRecord
  inward: Matrix
}

/** The pointer's part of a tool that draws strokes. */
export function strokeTool(erases: boolean): Pick<Tool, 'start' | 'move' | 'end' | 'cancel'> {
  let working: Working | null = null
  const draw = (at: Pointing, stage: CanvasStage) => {
    if (!working) return
    const { inward, stroke } = working
    stroke.to(at.path.map((point) => ({ ...apply(inward, point), pressure: pressureOf(point) })))
    stage.drawPicture()
  }
  return {
    start(at, stage) {
      working = begin(stage, erases)
      draw(at, stage)
    },
    move: draw,
    end(_at, stage) {
      if (!working) return
      const { layer } = working
      working = null
      stage.session.commit(layer.id, erases ? t('Erase') : t('Brush stroke'))
    },
    cancel(stage) {
      if (!working) return
      stage.session.surfaces.get(working.layer.id)?.cancel()
      working = null
      stage.drawPicture()
    },
  }
}

function begin(stage: CanvasStage, erases: boolean): Working | null {
  const { session } = stage
  if (matchMedia(PHONE).matches) chooseMask(session)
  else if (!session.active && !erases) session.add('raster', t('New layer'))
  const found = session.paintable()
  if (!found) return null
  // Strokes are made of the layer's own pixels: a turned or scaled layer is made plain first.
  const layer = isMoveOnly(found.layer.matrix) ? found.layer : bakeMatrix(session, found.layer)
  const surface = session.surfaces.get(layer.id)!
  const { brush, colour } = useCanvasStore.getState()
  const { selection } = session.state.getState()
  const stroke = new Stroke(surface, {
    size: brush.size,
    hardness: brush.hardness,
    opacity: brush.opacity,
    colour: layer.colour ?? colour,
    erases,
    within: pathWithin(selection, layer.matrix ?? IDENTITY),
  })
  return { stroke, layer, inward: invert(layer.matrix) }
}

/** How much of the brush a pen's pressure leaves. */
function pressureOf(point: StrokePoint): number {
  return useCanvasStore.getState().brush.pressure === 'none' ? 1 : point.pressure
}
