import { Pipette } from 'lucide-react'
import { t } from '@/i18n/text'
import { isPicture, picture } from '../pixels/composite'
import type { CanvasStage } from '../stage/stage'
import { useCanvasStore } from '../state/canvas-store'
import type { Point } from '../state/geometry'
import type { Pointing, Tool } from '../toolbox/tool'

/** The colour that one sees at a point, or null where nothing is. */
function colourAt({ session }: CanvasStage, { x, y }: Point): string | null {
  const spot = picture(session, { x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 }, isPicture)
  const [red, green, blue, alpha] = spot.getContext('2d')!.getImageData(0, 0, 1, 1).data
  if (!alpha) return null
  return `#${[red!, green!, blue!].map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

function take(at: Pointing, stage: CanvasStage): void {
  const colour = colourAt(stage, at.point)
  if (colour) useCanvasStore.setState(at.alt ? { backColour: colour } : { colour })
}

export const tool: Tool = {
  id: 'picker',
  label: () => t('Colour picker'),
  icon: Pipette,
  keys: 'i',
  order: 80,
  options: ['colour'],
  cursor: 'crosshair',
  start: take,
  move: take,
}
