/** What lies in the box: as shares for the mode, and as pictures for the server. */
import { type Alpha, alphaOf, coverage, feathered, inverted, joined } from './alpha'
import type { Task } from './canvas-document'
import { isPicture, picture } from './composite'
import { IDENTITY, type Rect } from './geometry'
import type { BoxFacts } from './mode'
import { pathWithin } from './selection'
import type { CanvasSession } from './session'
import { type Drawing, newCanvas } from './surface'

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

const pictureAlpha = (session: CanvasSession, box: Rect, scale = 1): Alpha =>
  readAlpha(picture(session, box, isPicture, { scale }))

const maskAlpha = (session: CanvasSession, box: Rect, scale = 1): Alpha =>
  readAlpha(picture(session, box, (layer) => layer.kind === 'mask', { scale }))

function selectionAlpha(session: CanvasSession, box: Rect, scale = 1): Alpha {
  const [canvas, context] = newCanvas(box.width * scale, box.height * scale, true)
  const path = pathWithin(session.state.getState().selection, IDENTITY)
  context.scale(canvas.width / box.width, canvas.height / box.height)
  context.translate(-box.x, -box.y)
  if (path) context.clip(path)
  context.fillRect(box.x, box.y, box.width, box.height)
  return readAlpha(canvas)
}

/** How far the edge of a hole is painted over, so that both sides meet. */
const SEAM = 16

/** How much of a result counts at each pixel of the box; null: all of it everywhere. */
export function resultAlpha(session: CanvasSession, task: Task): Alpha | null {
  const { box, layers } = session.canvas
  const { selection } = session.state.getState()
  let alpha: Alpha | null = null
  if (task === 'inpaint') {
    for (const layer of layers) {
      if (layer.kind !== 'mask' || !layer.visible) continue
      const own = feathered(
        readAlpha(picture(session, box, (other) => other.id === layer.id)),
        layer.feather ?? 0,
      )
      alpha = alpha ? joined(alpha, own) : own
    }
  }
  if (task === 'outpaint') alpha = feathered(inverted(solid(pictureAlpha(session, box))), SEAM)
  if (!selection) return alpha
  const chosen = selectionAlpha(session, box)
  if (!alpha) return chosen
  return { ...alpha, data: alpha.data.map((value, at) => Math.min(value, chosen.data[at]!)) }
}

/** What is nearly opaque is opaque: thin edges belong to the hole. */
const solid = (alpha: Alpha): Alpha => ({
  ...alpha,
  data: alpha.data.map((value) => (value < 250 ? 0 : 255)),
})

/** A mask as something to draw with: white, as opaque as it says. */
export function alphaCanvas({ width, height, data }: Alpha): HTMLCanvasElement {
  const [canvas, context] = newCanvas(width, height)
  const pixels = context.createImageData(width, height)
  pixels.data.fill(255)
  for (let at = 0; at < data.length; at += 1) pixels.data[at * 4 + 3] = data[at]!
  context.putImageData(pixels, 0, 0)
  return canvas
}

/** The picture in the box at the size that the model draws; holes are filled from their edges. */
export function initPicture(session: CanvasSession, size: { width: number; height: number }): Promise<Blob> {
  const { box } = session.canvas
  const whole = picture(session, box, isPicture)
  const [canvas, context] = newCanvas(size.width, size.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(whole, 0, 0, size.width, size.height)
  fillHoles(canvas, context)
  return toBlob(canvas)
}

/** Copies of the picture, ever smaller, laid under it: colours of the edge run into the hole. */
function fillHoles(canvas: HTMLCanvasElement, context: Drawing): void {
  context.globalCompositeOperation = 'destination-over'
  context.imageSmoothingQuality = 'medium'
  let last = canvas
  const levels: HTMLCanvasElement[] = []
  while (Math.max(last.width, last.height) > 2) {
    const [smaller, drawing] = newCanvas(Math.ceil(last.width / 2), Math.ceil(last.height / 2))
    drawing.imageSmoothingQuality = 'medium'
    drawing.drawImage(last, 0, 0, smaller.width, smaller.height)
    levels.push(smaller)
    last = smaller
  }
  for (const level of levels) {
    // Laid several times: what is half transparent on a small copy is as good as opaque here.
    for (let turn = 0; turn < 4; turn += 1) context.drawImage(level, 0, 0, canvas.width, canvas.height)
  }
  context.fillStyle = '#808080'
  context.fillRect(0, 0, canvas.width, canvas.height)
}

/** A mask as a picture: white is painted anew, black stays. */
export function maskPicture(alpha: Alpha, size: { width: number; height: number }): Promise<Blob> {
  const [canvas, context] = newCanvas(size.width, size.height)
  context.fillStyle = '#000'
  context.fillRect(0, 0, size.width, size.height)
  context.drawImage(alphaCanvas(alpha), 0, 0, size.width, size.height)
  return toBlob(canvas)
}

/** One layer as it lies in the box, on black, at the size that the model draws. */
export function layerPicture(
  session: CanvasSession,
  id: string,
  size: { width: number; height: number },
): Promise<Blob> {
  const { box } = session.canvas
  const [canvas, context] = newCanvas(size.width, size.height)
  context.fillStyle = '#000'
  context.fillRect(0, 0, size.width, size.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(
    picture(session, box, (layer) => layer.id === id),
    0,
    0,
    size.width,
    size.height,
  )
  return toBlob(canvas)
}

/** A region's mask as a picture. */
export const regionPicture = (
  session: CanvasSession,
  id: string,
  size: { width: number; height: number },
): Promise<Blob> =>
  maskPicture(readAlpha(picture(session, session.canvas.box, (layer) => layer.id === id)), size)

const toBlob = (canvas: HTMLCanvasElement): Promise<Blob> =>
  new Promise((done, failed) =>
    canvas.toBlob(
      (blob) => (blob ? done(blob) : failed(new Error('The picture could not be written.'))),
      'image/png',
    ),
  )
