/** Painting an area of the active layer: what fill, rectangle and gradient share. */

import { t } from '@/i18n/text'
import type { Drawing } from '../pixels/surface'
import type { LayerKind, LayerRecord } from '../state/canvas-document'
import { boundsAfter, invert, type Matrix, overlap, type Rect } from '../state/geometry'
import { pathWithin, selectionBounds } from '../state/selection'
import type { CanvasSession } from '../state/session'

export interface Area {
  layer: LayerRecord
  /** What may be painted, in the document's pixels. */
  rect: Rect
  /** From the document's pixels to the layer's. */
  inward: Matrix
}

/** The active layer and where it may be painted: the box, within the selection. A first layer is made if there is none. */
export function paintArea(session: CanvasSession, kinds?: readonly LayerKind[]): Area | null {
  if (!session.active) session.add('raster', t('New layer'))
  const found = session.paintable(kinds)
  if (!found) return null
  const { selection } = session.state.getState()
  const { box } = session.canvas
  const rect = selection ? (overlap(box, selectionBounds(selection)) ?? box) : box
  return { layer: found.layer, rect, inward: invert(found.layer.matrix) }
}

/** Draws into the area as one step, in the document's pixels, within the selection. */
export function paintWithin(
  session: CanvasSession,
  label: string,
  { layer, rect, inward }: Area,
  draw: (context: Drawing) => void,
): void {
  const { selection } = session.state.getState()
  const path = pathWithin(selection, layer.matrix)
  session.paint(layer.id, label, boundsAfter(inward, rect), (context) => {
    if (path) context.clip(path)
    context.transform(...inward)
    context.beginPath()
    context.rect(rect.x, rect.y, rect.width, rect.height)
    context.clip()
    draw(context)
  })
}
