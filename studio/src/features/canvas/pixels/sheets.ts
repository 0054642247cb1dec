/** Canvases that are on no page: the same in a worker and, where browsers have none for workers, beside it. */

export type Sheet = OffscreenCanvas | HTMLCanvasElement
export type SheetDrawing = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D

/** Whether a worker can draw here. */
export const workersDraw = (): boolean =>
  typeof Worker === 'function' &&
  typeof OffscreenCanvas === 'function' &&
  typeof OffscreenCanvas.prototype.convertToBlob === 'function'

/** A canvas of a size, and how to draw on it. */
export function newSheet(width: number, height: number, read = false): [Sheet, SheetDrawing] {
  const sheet = typeof document === 'undefined' ? new OffscreenCanvas(1, 1) : document.createElement('canvas')
  sheet.width = Math.max(1, Math.round(width))
  sheet.height = Math.max(1, Math.round(height))
  return [sheet, sheet.getContext('2d', { willReadFrequently: read }) as SheetDrawing]
}

/** A canvas as the bytes of a PNG file. */
export function pngOfSheet(sheet: Sheet): Promise<Blob> {
  if ('convertToBlob' in sheet) return sheet.convertToBlob({ type: 'image/png' })
  return new Promise((done, failed) =>
    sheet.toBlob(
      (blob) => (blob ? done(blob) : failed(new Error('The picture could not be written.'))),
      'image/png',
    ),
  )
}
