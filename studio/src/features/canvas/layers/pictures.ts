/** Pictures that come onto the canvas: from files, the clipboard, the server. */
import { t } from '@/i18n/text'
import { toast } from '@/ui/toasts'
import { snapSize, useSizes } from '../box/box-actions'
import { newCanvas } from '../pixels/surface'
import { editCanvas, type LayerKind, type LayerRecord } from '../state/canvas-document'
import type { CanvasSession } from '../state/session'
import { addPicture } from './layer-actions'

/** Asks for picture files and puts them on the canvas. */
export function openPictures(session: CanvasSession, kind: LayerKind = 'raster'): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = 'image/*'
  input.multiple = true
  input.addEventListener('change', () => void placeFiles(session, [...(input.files ?? [])], kind))
  input.click()
}

/** Puts picture files on the canvas, one layer each. */
export async function placeFiles(
  session: CanvasSession,
  files: readonly File[],
  kind: LayerKind = 'raster',
): Promise<void> {
  for (const file of files) await placeBlob(session, file, file.name.replace(/\.[a-z0-9]+$/i, ''), kind)
}

/** Puts one picture on the canvas. The first one sets the box to its size. */
export async function placeBlob(
  session: CanvasSession,
  blob: Blob,
  name: string,
  kind: LayerKind = 'raster',
): Promise<LayerRecord | null> {
  let image: ImageBitmap
  try {
    image = await createImageBitmap(blob)
  } catch {
    toast({ text: t('“{{name}}” is not a picture that can be read.', { name }), tone: 'err' })
    return null
  }
  await session.settled()
  const first = !session.canvas.layers.some((layer) => layer.kind === 'raster')
  if (first && kind === 'raster') frame(session, image)
  const layer = kind === 'mask' ? placeMask(session, image, name) : addPicture(session, image, name, kind)
  image.close()
  return layer
}

/** The box takes the picture's size, on the model's grid; the picture is at its top left. */
function frame(session: CanvasSession, image: ImageBitmap): void {
  const { width, height } = snapSize(useSizes.getState(), image.width, image.height)
  editCanvas(
    session.document,
    t('Add picture'),
    (canvas) => {
      canvas.box = { x: 0, y: 0, width, height }
    },
    { merge: 'frame' },
  )
}

/** A mask from a picture: what is white or opaque is masked. */
function placeMask(session: CanvasSession, image: ImageBitmap, name: string): LayerRecord {
  const [canvas, context] = newCanvas(image.width, image.height, true)
  context.drawImage(image, 0, 0)
  const pixels = context.getImageData(0, 0, image.width, image.height)
  const { data } = pixels
  const transparent = data.some((value, at) => at % 4 === 3 && value < 255)
  for (let at = 0; at < data.length; at += 4) {
    const light = (data[at]! + data[at + 1]! + data[at + 2]!) / 3
    data[at + 3] = transparent ? data[at + 3]! : light
    data[at] = 255
    data[at + 1] = 90
    data[at + 2] = 122
  }
  context.putImageData(pixels, 0, 0)
  const { box } = session.canvas
  return session.add(
    'mask',
    t('Add mask'),
    { name, colour: '#ff5a7a', matrix: [1, 0, 0, 1, box.x, box.y] },
    {
      rect: { x: 0, y: 0, width: image.width, height: image.height },
      draw: (drawing) => drawing.drawImage(canvas, 0, 0),
    },
  )
}
