/** Sizes of pictures: ratios, the grid that a model works on, and how many pixels there are. */

export interface Size {
  width: number
  height: number
}

/** What a model can do: sides are multiples of `multiple`; `pixels` is what it was trained for. */
export interface SizeLimits {
  multiple: number
  min: number
  max: number
  pixels?: number
}

export interface Ratio {
  name: string
  value: number
}

export const RATIOS: readonly Ratio[] = [
  { name: '1:1', value: 1 },
  { name: '4:5', value: 4 / 5 },
  { name: '3:4', value: 3 / 4 },
  { name: '2:3', value: 2 / 3 },
  { name: '9:16', value: 9 / 16 },
  { name: '5:4', value: 5 / 4 },
  { name: '4:3', value: 4 / 3 },
  { name: '3:2', value: 3 / 2 },
  { name: '16:9', value: 16 / 9 },
]

const CLOSE = 0.04

/** A side on the grid and within the limits. */
export function snap(side: number, { multiple, min, max }: SizeLimits): number {
  const step = Math.max(1, multiple)
  const low = Math.ceil(min / step) * step
  const high = Math.max(low, Math.floor(max / step) * step)
  return Math.min(high, Math.max(low, Math.round(side / step) * step))
}

/** The size of a ratio with about so many pixels, on the grid. A side that hits a limit takes the other along. */
export function sizeOf(ratio: number, pixels: number, limits: SizeLimits): Size {
  let width = Math.sqrt(pixels * ratio)
  let height = width / ratio
  const shrink = Math.min(1, limits.max / Math.max(width, height))
  width *= shrink
  height *= shrink
  const grow = Math.max(1, limits.min / Math.min(width, height))
  return { width: snap(width * grow, limits), height: snap(height * grow, limits) }
}

/** The other side changed along, so that the ratio stays. */
export function withWidth(size: Size, width: number, limits: SizeLimits): Size {
  return { width: snap(width, limits), height: snap((width * size.height) / size.width, limits) }
}

export function withHeight(size: Size, height: number, limits: SizeLimits): Size {
  return { width: snap((height * size.width) / size.height, limits), height: snap(height, limits) }
}

/** The named ratio that a size is closest to, or undefined: none is close. */
export function ratioOf({ width, height }: Size): Ratio | undefined {
  const value = width / height
  const best = RATIOS.reduce((one, other) =>
    Math.abs(Math.log(other.value / value)) < Math.abs(Math.log(one.value / value)) ? other : one,
  )
  return Math.abs(Math.log(best.value / value)) <= CLOSE ? best : undefined
}

/** The ratios that come out as sizes of their own; on a coarse grid some fall together. */
export function ratiosFor(pixels: number, limits: SizeLimits): { ratio: Ratio; size: Size }[] {
  const seen = new Set<string>()
  const found: { ratio: Ratio; size: Size }[] = []
  for (const ratio of RATIOS) {
    const size = sizeOf(ratio.value, pixels, limits)
    const key = `${size.width}x${size.height}`
    if (seen.has(key) || Math.abs(Math.log(size.width / size.height / ratio.value)) > 0.12) continue
    seen.add(key)
    found.push({ ratio, size })
  }
  return found
}
