/** Draws layers: on the screen, into an export, under the colour picker. All in the document's pixels. */
import type { CanvasDocument, LayerRecord } from '../state/canvas-document'
import type { Rect } from '../state/geometry'
import { boundsAfter } from '../state/geometry'
import type { CanvasSession } from '../state/session'
import { type Drawing, newCanvas } from './surface'

/** How strongly masks and regions tint the picture: the chosen one, and others, which must not hide what is there. */
const TINT = 0.5
const FAINT = 0.16

const ORDER = { raster: 0, reference: 1, control: 2, region: 3, mask: 4 }

/** What steers the model lies over the picture: it must not hide it while something else is worked on. */
const SHOWN_BESIDE: Partial<Record<LayerRecord['kind'], number>> = { control: 0.3, reference: 0 }

/** Layers as they lie on one another on the screen, the lowest first. */
export const drawingOrder = (canvas: CanvasDocument): LayerRecord[] =>
  canvas.layers
    .filter((layer) => layer.visible)
    .map((layer, at) => ({ layer, at }))
    .sort((one, other) => ORDER[one.layer.kind] - ORDER[other.layer.kind] || one.at - other.at)
    .map(({ layer }) => layer)

/** Draws one layer into a context that is in the document's pixels. */
export function drawLayer(context: Drawing, session: CanvasSession, layer: LayerRecord): void {
  const tinted = layer.kind === 'mask' || layer.kind === 'region'
  const active = layer.id === session.state.getState().active
  if (tinted) drawPixels(context, session, layer, active ? TINT : FAINT)
  else drawPixels(context, session, layer, active ? 1 : (SHOWN_BESIDE[layer.kind] ?? 1))
}

function drawPixels(context: Drawing, session: CanvasSession, layer: LayerRecord, tint = 1): void {
  const surface = session.surfaces.get(layer.id)
  if (!surface || tint === 0) return
  const tinted = layer.kind === 'mask' || layer.kind === 'region'
  context.save()
  // How strongly a mask is shown says nothing of what it covers.
  context.globalAlpha = tinted ? tint * (tint < 1 ? layer.opacity : 1) : tint * layer.opacity
  context.globalCompositeOperation = tinted ? 'source-over' : layer.blend
  context.transform(...(session.live.get(layer.id) ?? layer.matrix))
  context.drawImage(surface.canvas, surface.bounds.x, surface.bounds.y)
  context.restore()
}

/** A picture of some layers as they look within a rectangle, at a scale. */
export function picture(
  session: CanvasSession,
  rect: Rect,
  which: (layer: LayerRecord) => boolean,
  { scale = 1, read = true } = {},
): HTMLCanvasElement {
  const [canvas, context] = newCanvas(rect.width * scale, rect.height * scale, read)
  context.setTransform(
    canvas.width / rect.width,
    0,
    0,
    canvas.height / rect.height,
    (-rect.x * canvas.width) / rect.width,
    (-rect.y * canvas.height) / rect.height,
  )
  for (const layer of drawingOrder(session.canvas)) if (which(layer)) drawPixels(context, session, layer)
  return canvas
}

/** Pictures alone, without masks, regions and what steers the model. */
export const isPicture = (layer: LayerRecord): boolean => layer.kind === 'raster'

/** The smallest rectangle around a layer's content, in the document's pixels. */
export function layerBounds(session: CanvasSession, layer: LayerRecord): Rect | null {
  const content = session.surfaces.get(layer.id)?.contentBounds()
  return content ? boundsAfter(session.live.get(layer.id) ?? layer.matrix, content) : null
}
