/** What can be done with layers as a whole. Each is one step of undo. */
import { t } from '@/i18n/text'
import { toast } from '@/ui/toasts'
import { layerBounds } from '../pixels/composite'
import { newCanvas } from '../pixels/surface'
import { type LayerRecord, layerOf, newName } from '../state/canvas-document'
import { boundsAfter, IDENTITY, isMoveOnly, type Rect, wholePixels } from '../state/geometry'
import { pathWithin } from '../state/selection'
import type { CanvasSession } from '../state/session'

/** Makes a layer's pixels lie as its matrix shows them, and its matrix plain. Returns the new record. */
export function bakeMatrix(session: CanvasSession, layer: LayerRecord): LayerRecord {
  const surface = session.surfaces.get(layer.id)
  const content = surface?.contentBounds()
  if (!surface || !content) {
    session.changeLayer(layer.id, t('Apply transform'), { matrix: IDENTITY })
    return layerOf(session.canvas, layer.id)!
  }
  const [copy, context] = newCanvas(content.width, content.height)
  context.drawImage(surface.canvas, surface.bounds.x - content.x, surface.bounds.y - content.y)
  const after = wholePixels(boundsAfter(layer.matrix, content))
  surface.begin()
  surface.touch(content)
  surface.touch(after)
  surface.draw((drawing) => {
    drawing.clearRect(content.x, content.y, content.width, content.height)
    drawing.imageSmoothingEnabled = !isMoveOnly(layer.matrix)
    drawing.imageSmoothingQuality = 'high'
    drawing.transform(...layer.matrix)
    drawing.drawImage(copy, content.x, content.y)
  })
  session.commit(layer.id, t('Apply transform'), (canvas) => {
    const record = layerOf(canvas, layer.id)
    if (record) record.matrix = IDENTITY
  })
  return layerOf(session.canvas, layer.id)!
}

export function duplicateLayer(session: CanvasSession, id: string): void {
  const layer = layerOf(session.canvas, id)
  const surface = session.surfaces.get(id)
  if (!layer || !surface) return
  const { id: _, pixels: __, ...rest } = layer
  session.add(
    layer.kind,
    t('Duplicate layer'),
    { ...rest, name: t('{{name}} copy', { name: layer.name }), above: id },
    {
      rect: surface.bounds,
      draw: (context) => context.drawImage(surface.canvas, surface.bounds.x, surface.bounds.y),
    },
  )
}

export function deleteLayer(session: CanvasSession, id: string): void {
  const layer = layerOf(session.canvas, id)
  if (!layer) return
  if (layer.locked) {
    toast({ text: t('“{{name}}” is locked.', { name: layer.name }), lasts: 3_000 })
    return
  }
  session.change(t('Delete layer'), (canvas) => {
    canvas.layers = canvas.layers.filter((other) => other.id !== id)
  })
}

/** The layer of the same kind below another one. */
export function layerBelow(session: CanvasSession, id: string): LayerRecord | undefined {
  const { layers } = session.canvas
  const at = layers.findIndex((layer) => layer.id === id)
  return layers.slice(0, Math.max(0, at)).findLast((layer) => layer.kind === layers[at]?.kind)
}

/** Draws a layer into the one below, and takes it away. */
export function mergeDown(session: CanvasSession, id: string): void {
  const upper = layerOf(session.canvas, id)
  const found = layerBelow(session, id)
  const bounds = upper && layerBounds(session, upper)
  if (!upper || !found) {
    toast({ text: t('There is no layer of this kind below.'), lasts: 3_000 })
    return
  }
  const lower = isMoveOnly(found.matrix) ? found : bakeMatrix(session, found)
  const surface = session.surfaces.get(lower.id)!
  const source = session.surfaces.get(id)!
  surface.begin()
  if (bounds) {
    const [e, f] = [lower.matrix[4], lower.matrix[5]]
    surface.touch(wholePixels({ ...bounds, x: bounds.x - e, y: bounds.y - f }))
    surface.draw((context) => {
      context.translate(-e, -f)
      context.globalAlpha = upper.opacity
      context.globalCompositeOperation = upper.blend
      context.transform(...upper.matrix)
      context.drawImage(source.canvas, source.bounds.x, source.bounds.y)
    })
  }
  session.commit(lower.id, t('Merge down'), (canvas) => {
    canvas.layers = canvas.layers.filter((layer) => layer.id !== id)
  })
  session.activate(lower.id)
}

/** Empties what is selected of a layer, or all of it. */
export function clearLayer(session: CanvasSession): void {
  const found = session.paintable()
  if (!found) return
  const { layer, surface } = found
  const { selection } = session.state.getState()
  session.paint(layer.id, t('Clear'), surface.bounds, (context) => {
    const path = pathWithin(selection, layer.matrix)
    if (path) context.clip(path)
    context.clearRect(surface.bounds.x, surface.bounds.y, surface.bounds.width, surface.bounds.height)
  })
}

/** What was masked within the box is free, and the other way round. */
export function invertMask(session: CanvasSession): void {
  const layer = lastMask(session)
  const surface = layer && session.surfaces.get(layer.id)
  if (!layer || !surface) return
  const { box } = session.canvas
  const rect: Rect = { ...box, x: box.x - layer.matrix[4], y: box.y - layer.matrix[5] }
  surface.begin()
  surface.touch(rect)
  const [copy, context] = newCanvas(rect.width, rect.height)
  context.fillStyle = layer.colour ?? '#ff5a7a'
  context.fillRect(0, 0, rect.width, rect.height)
  context.globalCompositeOperation = 'destination-out'
  context.drawImage(surface.canvas, surface.bounds.x - rect.x, surface.bounds.y - rect.y)
  surface.draw((drawing) => {
    drawing.clearRect(rect.x, rect.y, rect.width, rect.height)
    drawing.drawImage(copy, rect.x, rect.y)
  })
  session.commit(layer.id, t('Invert mask'))
}

/** The mask that commands mean: the active one, else the topmost. */
export function lastMask(session: CanvasSession): LayerRecord | undefined {
  const { active, canvas } = session
  return active?.kind === 'mask' ? active : canvas.layers.findLast((layer) => layer.kind === 'mask')
}

/** Makes a mask the active layer: the last one, or a new one. */
export function chooseMask(session: CanvasSession): void {
  const mask = lastMask(session)
  if (mask) session.activate(mask.id)
  else session.add('mask', t('New mask'))
}

/** A mask of what is selected, or of the whole box. */
export function maskFromSelection(session: CanvasSession): void {
  const { selection } = session.state.getState()
  const { box } = session.canvas
  const path = pathWithin(selection, IDENTITY)
  const existing = lastMask(session)
  const fill = (colour: string) => (context: CanvasRenderingContext2D) => {
    if (path) context.clip(path)
    context.fillStyle = colour
    context.fillRect(box.x, box.y, box.width, box.height)
  }
  const label = t('Mask from selection')
  if (existing && isMoveOnly(existing.matrix) && !existing.locked) {
    const [e, f] = [existing.matrix[4], existing.matrix[5]]
    session.paint(existing.id, label, { ...box, x: box.x - e, y: box.y - f }, (context) => {
      context.translate(-e, -f)
      fill(existing.colour ?? '#ff5a7a')(context)
    })
    session.activate(existing.id)
  } else {
    const colour = '#ff5a7a'
    session.add('mask', label, { colour }, { rect: box, draw: fill(colour) })
  }
}

/** Draws a picture as a new layer with its middle at the box's middle; a first one sets the box. */
export function addPicture(
  session: CanvasSession,
  image: ImageBitmap,
  name: string,
  kind: LayerRecord['kind'] = 'raster',
  at?: { x: number; y: number },
): LayerRecord {
  const { box } = session.canvas
  const place = at ?? {
    x: Math.round(box.x + (box.width - image.width) / 2),
    y: Math.round(box.y + (box.height - image.height) / 2),
  }
  return session.add(
    kind,
    t('Add picture'),
    { name, matrix: [1, 0, 0, 1, place.x, place.y], pixels: newName('pixels') },
    {
      rect: { x: 0, y: 0, width: image.width, height: image.height },
      draw: (context) => context.drawImage(image, 0, 0),
    },
  )
}
