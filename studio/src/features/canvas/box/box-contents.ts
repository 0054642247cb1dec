/** What lies in the box: as shares for the mode, and as pictures for the server. */
import { type Alpha, alphaOf, coverage, inverted } from '../pixels/alpha'
import { isPicture, picture } from '../pixels/composite'
import { newCanvas } from '../pixels/surface'
import type { BoxFacts } from '../running/mode'
import type { LayerRecord, Task } from '../state/canvas-document'
import { IDENTITY, type Rect, wholePixels } from '../state/geometry'
import { pathWithin } from '../state/selection'
import type { CanvasSession } from '../state/session'
import { workAlpha, workPicture } from './box-thread'
import { alphaSheet, type WorkSize } from './box-work'

/** Small enough to look at after every stroke. */
const GLANCE = 160

/** Shares of the box, from a small picture of it. */
export function boxFacts(session: CanvasSession): BoxFacts {
  const { box } = session.canvas
  if (box.width <= 0) return { masked: 0, open: 1, selected: null }
  const scale = Math.min(1, GLANCE / Math.max(box.width, box.height))
  const open = coverage(inverted(pictureAlpha(session, box, scale)))
  const masked = coverage(maskAlpha(session, box, scale))
  const { selection } = session.state.getState()
  return { masked, open, selected: selection ? coverage(selectionAlpha(session, box, scale)) : null }
}

const readAlpha = (canvas: HTMLCanvasElement): Alpha =>
  alphaOf(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height))

const pictureAlpha = (session: CanvasSession, box: Rect, scale: number): Alpha =>
  readAlpha(picture(session, box, isPicture, { scale }))

const maskAlpha = (session: CanvasSession, box: Rect, scale: number): Alpha =>
  readAlpha(picture(session, box, (layer) => layer.kind === 'mask', { scale }))

const selectionAlpha = (session: CanvasSession, box: Rect, scale: number): Alpha =>
  readAlpha(selectionPicture(session, box, scale))

/** What is selected of a rectangle, opaque. */
export function selectionPicture(session: CanvasSession, box: Rect, scale = 1): HTMLCanvasElement {
  const [canvas, context] = newCanvas(box.width * scale, box.height * scale, true)
  const path = pathWithin(session.state.getState().selection, IDENTITY)
  context.scale(canvas.width / box.width, canvas.height / box.height)
  context.translate(-box.x, -box.y)
  if (path) context.clip(path)
  context.fillRect(box.x, box.y, box.width, box.height)
  return canvas
}

/** How much of a result counts at each pixel of the box; null: all of it everywhere. */
export async function resultAlpha(session: CanvasSession, task: Task): Promise<Alpha | null> {
  const { box, layers } = session.canvas
  const { selection } = session.state.getState()
  const masks = task === 'inpaint' ? layers.filter((layer) => layer.kind === 'mask' && layer.visible) : []
  if (masks.length === 0 && task !== 'outpaint' && !selection) return null
  return workAlpha({
    turn: 'alpha',
    masks: await Promise.all(
      masks.map(async ({ id, feather = 0 }) => ({ picture: await layerIn(session, id, box), feather })),
    ),
    ...(task === 'outpaint' ? { holes: await createImageBitmap(picture(session, box, isPicture)) } : {}),
    ...(selection ? { selection: await createImageBitmap(selectionPicture(session, box)) } : {}),
  })
}

/** One layer as it lies in a rectangle. */
const layerIn = (session: CanvasSession, id: string, rect: Rect): Promise<ImageBitmap> =>
  createImageBitmap(picture(session, rect, (layer) => layer.id === id))

/** A mask as something to draw with: white, as opaque as it says. */
export const alphaCanvas = (alpha: Alpha): HTMLCanvasElement => alphaSheet(alpha) as HTMLCanvasElement

/** The picture in the box at the size that the model draws; holes are filled from their edges. */
export const initPicture = async (session: CanvasSession, size: WorkSize): Promise<Blob> =>
  workPicture({
    turn: 'filled',
    picture: await createImageBitmap(picture(session, session.canvas.box, isPicture)),
    size,
  })

/** A mask as a picture: white is painted anew, black stays. */
export const maskPicture = (alpha: Alpha, size: WorkSize): Promise<Blob> =>
  workPicture({ turn: 'mask', alpha, size })

/** One layer as it lies in the box, on black, at the size that the model draws. */
export const layerPicture = async (session: CanvasSession, id: string, size: WorkSize): Promise<Blob> =>
  workPicture({ turn: 'black', picture: await layerIn(session, id, session.canvas.box), size })

/** All of a layer, wherever it lies: its middle, in the shape that the model draws. */
export const referencePicture = async (
  session: CanvasSession,
  layer: LayerRecord,
  bounds: Rect,
  size: WorkSize,
): Promise<Blob> =>
  workPicture({
    turn: 'filled',
    picture: await layerIn(session, layer.id, wholePixels(bounds)),
    size,
    cover: true,
  })

/** A region's mask as a picture. */
export async function regionPicture(session: CanvasSession, id: string, size: WorkSize): Promise<Blob> {
  const mask = await layerIn(session, id, session.canvas.box)
  return maskPicture(await workAlpha({ turn: 'alpha', masks: [{ picture: mask, feather: 0 }] }), size)
}
