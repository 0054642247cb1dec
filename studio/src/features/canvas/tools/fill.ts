import { PaintBucket } from 'lucide-react'
import { t } from '@/i18n/text'
import { isPicture, picture } from '../pixels/composite'
import { flood } from '../pixels/flood'
import { newCanvas } from '../pixels/surface'
import { useCanvasStore } from '../state/canvas-store'
import { contains } from '../state/geometry'
import { paintArea, paintWithin } from '../toolbox/area'
import type { Tool } from '../toolbox/tool'

/** Fills what hangs together in the picture that one sees; masks are filled by the picture below them. */
export const tool: Tool = {
  id: 'fill',
  label: () => t('Fill'),
  icon: PaintBucket,
  keys: 'g',
  order: 40,
  options: ['tolerance', 'colour'],
  cursor: 'crosshair',
  start(at, stage) {
    const { session } = stage
    const area = paintArea(session)
    if (!area || !contains(area.rect, at.point)) return
    const { rect, layer } = area
    const { colour, tolerance } = useCanvasStore.getState()
    const seen = picture(session, rect, isPicture)
    const pixels = seen.getContext('2d')!.getImageData(0, 0, seen.width, seen.height)
    const filled = flood(pixels, Math.floor(at.point.x - rect.x), Math.floor(at.point.y - rect.y), tolerance)
    const [sheet, context] = newCanvas(seen.width, seen.height)
    for (let pixel = 0; pixel < filled.length; pixel += 1) pixels.data[pixel * 4 + 3] = filled[pixel]!
    context.putImageData(pixels, 0, 0)
    context.globalCompositeOperation = 'source-in'
    context.fillStyle = layer.colour ?? colour
    context.fillRect(0, 0, sheet.width, sheet.height)
    paintWithin(session, t('Fill'), area, (drawing) => drawing.drawImage(sheet, rect.x, rect.y))
  },
}
