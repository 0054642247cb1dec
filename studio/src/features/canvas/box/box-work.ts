/**
 * What costs time when the box is sent: masks are grown and softened, holes filled, pictures written as PNG.
 *
 * Runs in a worker (`box.worker.ts`), or on the page where workers cannot draw; it knows layers only as pictures.
 */
import { type Alpha, alphaOf, feathered, inverted, joined } from '../pixels/alpha'
import { newSheet, pngOfSheet, type Sheet, type SheetDrawing } from '../pixels/sheets'

export interface WorkSize {
  width: number
  height: number
}

/** How much of a result counts at each pixel: masks, or holes of the picture, within what is selected. */
export interface AlphaWork {
  turn: 'alpha'
  masks: { picture: ImageBitmap; feather: number }[]
  /** The picture whose holes are painted. */
  holes?: ImageBitmap
  selection?: ImageBitmap
}

export type PictureWork =
  /** As it is. */
  | { turn: 'plain'; picture: ImageBitmap }
  /** At another size; holes are filled from their edges. */
  | { turn: 'filled'; picture: ImageBitmap; size: WorkSize; cover?: boolean }
  /** On black, at another size. */
  | { turn: 'black'; picture: ImageBitmap; size: WorkSize }
  /** White is painted anew, black stays. */
  | { turn: 'mask'; alpha: Alpha; size: WorkSize }

export type BoxWork = AlphaWork | PictureWork

/** How far the edge of a hole is painted over, so that both sides meet. */
const SEAM = 16

export const doWork = async (work: BoxWork): Promise<Alpha | Blob> =>
  work.turn === 'alpha' ? workedAlpha(work) : pngOfSheet(drawn(work))

function workedAlpha({ masks, holes, selection }: AlphaWork): Alpha {
  let alpha: Alpha | null = null
  for (const { picture, feather } of masks) {
    const own = feathered(alphaOfPicture(picture), feather)
    alpha = alpha ? joined(alpha, own) : own
  }
  if (holes) alpha = feathered(inverted(solid(alphaOfPicture(holes))), SEAM)
  const chosen = selection && alphaOfPicture(selection)
  if (!alpha) return chosen ?? { width: 0, height: 0, data: new Uint8ClampedArray() }
  if (!chosen) return alpha
  return { ...alpha, data: alpha.data.map((value, at) => Math.min(value, chosen.data[at]!)) }
}

function alphaOfPicture(picture: ImageBitmap): Alpha {
  const [, context] = sheetOf(picture)
  return alphaOf(context.getImageData(0, 0, picture.width, picture.height))
}

function sheetOf(picture: ImageBitmap): [Sheet, SheetDrawing] {
  const made = newSheet(picture.width, picture.height, true)
  made[1].drawImage(picture, 0, 0)
  return made
}

/** What is nearly opaque is opaque: thin edges belong to the hole. */
const solid = (alpha: Alpha): Alpha => ({
  ...alpha,
  data: alpha.data.map((value) => (value < 250 ? 0 : 255)),
})

function drawn(work: PictureWork): Sheet {
  if (work.turn === 'plain') return sheetOf(work.picture)[0]
  const { width, height } = work.size
  const [sheet, context] = newSheet(width, height)
  context.imageSmoothingQuality = 'high'
  if (work.turn === 'filled') {
    const part = work.cover ? middleOf(work.picture, width / height) : wholeOf(work.picture)
    context.drawImage(work.picture, ...part, 0, 0, width, height)
    fillHoles(sheet, context)
    return sheet
  }
  context.fillStyle = '#000'
  context.fillRect(0, 0, width, height)
  if (work.turn === 'black') context.drawImage(work.picture, 0, 0, width, height)
  else context.drawImage(alphaSheet(work.alpha), 0, 0, width, height)
  return sheet
}

type Part = [number, number, number, number]

const wholeOf = ({ width, height }: WorkSize): Part => [0, 0, width, height]

/** The largest part of a picture that has a ratio, from its middle. */
export function middleOf({ width, height }: WorkSize, ratio: number): Part {
  const wide = Math.min(width, height * ratio)
  const high = Math.min(height, width / ratio)
  return [(width - wide) / 2, (height - high) / 2, wide, high]
}

/** A mask as something to draw with: white, as opaque as it says. */
export function alphaSheet({ width, height, data }: Alpha): Sheet {
  const [sheet, context] = newSheet(width, height)
  const pixels = context.createImageData(width, height)
  pixels.data.fill(255)
  for (let at = 0; at < data.length; at += 1) pixels.data[at * 4 + 3] = data[at]!
  context.putImageData(pixels, 0, 0)
  return sheet
}

/** Copies of the picture, ever smaller, laid under it: colours of the edge run into the hole. */
function fillHoles(sheet: Sheet, context: SheetDrawing): void {
  context.globalCompositeOperation = 'destination-over'
  context.imageSmoothingQuality = 'medium'
  let last = sheet
  const levels: Sheet[] = []
  while (Math.max(last.width, last.height) > 2) {
    const [smaller, drawing] = newSheet(Math.ceil(last.width / 2), Math.ceil(last.height / 2))
    drawing.imageSmoothingQuality = 'medium'
    drawing.drawImage(last, 0, 0, smaller.width, smaller.height)
    levels.push(smaller)
    last = smaller
  }
  for (const level of levels) {
    // Laid several times: what is half transparent on a small copy is as good as opaque here.
    for (let turn = 0; turn < 4; turn += 1) context.drawImage(level, 0, 0, sheet.width, sheet.height)
  }
  context.fillStyle = '#808080'
  context.fillRect(0, 0, sheet.width, sheet.height)
}
