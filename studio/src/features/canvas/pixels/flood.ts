/** Which pixels hang together with one: of nearly its colour, reached without crossing another. No canvas. */

export interface Pixels {
  width: number
  height: number
  data: Uint8ClampedArray
}

/** 255 for every pixel that is filled, 0 for others. */
export function flood(
  { width, height, data }: Pixels,
  x: number,
  y: number,
  tolerance: number,
): Uint8ClampedArray {
  const filled = new Uint8ClampedArray(width * height)
  if (x < 0 || y < 0 || x >= width || y >= height) return filled
  const start = (y * width + x) * 4
  const wanted = [data[start]!, data[start + 1]!, data[start + 2]!, data[start + 3]!] as const
  const fits = (pixel: number) => filled[pixel] === 0 && near(data, pixel * 4, wanted, tolerance)
  const waiting = [y * width + x]
  while (waiting.length > 0) {
    const pixel = waiting.pop()!
    if (!fits(pixel)) continue
    const row = pixel - (pixel % width)
    let left = pixel
    let right = pixel
    while (left > row && fits(left - 1)) left -= 1
    while (right < row + width - 1 && fits(right + 1)) right += 1
    filled.fill(255, left, right + 1)
    if (row > 0) waiting.push(...runs(left - width, right - width, fits))
    if (row + width < width * height) waiting.push(...runs(left + width, right + width, fits))
  }
  return filled
}

/** One pixel of each run of fitting ones: the rest is found from there. */
function runs(from: number, to: number, fits: (pixel: number) => boolean): number[] {
  const found: number[] = []
  for (let at = from; at <= to; at += 1) if (fits(at) && (at === from || !fits(at - 1))) found.push(at)
  return found
}

function near(
  data: Uint8ClampedArray,
  at: number,
  wanted: readonly [number, number, number, number],
  tolerance: number,
): boolean {
  const alpha = data[at + 3]!
  // Colours of what is not there say nothing.
  if (alpha === 0 && wanted[3] === 0) return true
  return (
    Math.abs(data[at]! - wanted[0]) <= tolerance &&
    Math.abs(data[at + 1]! - wanted[1]) <= tolerance &&
    Math.abs(data[at + 2]! - wanted[2]) <= tolerance &&
    Math.abs(alpha - wanted[3]) <= tolerance
  )
}
