/** A mask that is painted: strokes and boxes over a picture, drawn into a canvas, with undo. Sides are the picture's pixels. */

export type Mark =
  | { kind: 'stroke'; points: [number, number][]; size: number; erase: boolean }
  | { kind: 'box'; x: number; y: number; width: number; height: number; erase: boolean }
  | { kind: 'clear' }
  | { kind: 'invert' }

/** Draws all marks: what is masked is opaque white. */
export function drawMarks(context: CanvasRenderingContext2D, marks: readonly Mark[]): void {
  const { width, height } = context.canvas
  context.globalCompositeOperation = 'source-over'
  context.clearRect(0, 0, width, height)
  for (const mark of marks) drawMark(context, mark)
}

/** Draws one mark over what is there. */
export function drawMark(context: CanvasRenderingContext2D, mark: Mark): void {
  const { width, height } = context.canvas
  context.fillStyle = '#fff'
  context.strokeStyle = '#fff'
  if (mark.kind === 'clear') {
    context.clearRect(0, 0, width, height)
    return
  }
  if (mark.kind === 'invert') {
    context.globalCompositeOperation = 'xor'
    context.fillRect(0, 0, width, height)
    return
  }
  context.globalCompositeOperation = mark.erase ? 'destination-out' : 'source-over'
  if (mark.kind === 'box') {
    context.fillRect(mark.x, mark.y, mark.width, mark.height)
    return
  }
  const [first, ...rest] = mark.points
  if (!first) return
  context.lineWidth = mark.size
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.beginPath()
  context.moveTo(first[0], first[1])
  // A dot is a stroke that goes nowhere; browsers draw it only if it goes somewhere.
  if (rest.length === 0) context.lineTo(first[0] + 0.01, first[1])
  for (const [x, y] of rest) context.lineTo(x, y)
  context.stroke()
}

/** The picture of a mask as the server takes it: see-through where it is masked. */
export async function maskPicture(mask: HTMLCanvasElement): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = mask.width
  canvas.height = mask.height
  const context = canvas.getContext('2d')!
  context.fillStyle = '#000'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.globalCompositeOperation = 'destination-out'
  context.drawImage(mask, 0, 0)
  return pngOf(canvas)
}

export const pngOf = (canvas: HTMLCanvasElement): Promise<Blob> =>
  new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large.'))),
      'image/png',
    ),
  )
