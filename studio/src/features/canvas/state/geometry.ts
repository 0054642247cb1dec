/** Points, rectangles and matrices of the canvas: plain numbers, no state. Distances are in the document's pixels. */

export interface Point {
  x: number
  y: number
}

export interface Rect extends Point {
  width: number
  height: number
}

/** As of `DOMMatrix`: x' = a x + c y + e, y' = b x + d y + f. */
export type Matrix = [a: number, b: number, c: number, d: number, e: number, f: number]

export const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0]

/** The smallest rectangle around points. */
export function around(points: readonly Point[], margin = 0): Rect {
  const xs = points.map((point) => point.x)
  const ys = points.map((point) => point.y)
  const x = Math.min(...xs) - margin
  const y = Math.min(...ys) - margin
  return { x, y, width: Math.max(...xs) + margin - x, height: Math.max(...ys) + margin - y }
}

/** Corners, clockwise from the top left. */
export const cornersOf = ({ x, y, width, height }: Rect): Point[] => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
]

export const centreOf = ({ x, y, width, height }: Rect): Point => ({ x: x + width / 2, y: y + height / 2 })

/** What two rectangles share, or null. */
export function overlap(one: Rect, other: Rect): Rect | null {
  const x = Math.max(one.x, other.x)
  const y = Math.max(one.y, other.y)
  const width = Math.min(one.x + one.width, other.x + other.width) - x
  const height = Math.min(one.y + one.height, other.y + other.height) - y
  return width > 0 && height > 0 ? { x, y, width, height } : null
}

/** The smallest rectangle around rectangles, or null if there are none. */
export function union(rects: readonly (Rect | null | undefined)[]): Rect | null {
  const there = rects.filter((rect): rect is Rect => Boolean(rect))
  return there.length > 0 ? around(there.flatMap(cornersOf)) : null
}

/** The smallest rectangle of whole pixels around a rectangle. */
export function wholePixels({ x, y, width, height }: Rect): Rect {
  const left = Math.floor(x)
  const top = Math.floor(y)
  return { x: left, y: top, width: Math.ceil(x + width) - left, height: Math.ceil(y + height) - top }
}

/** A rectangle between two points that were dragged; with `ratio` (width by height) it keeps that. */
export function dragged(from: Point, to: Point, ratio = 0): Rect {
  let width = Math.abs(to.x - from.x)
  let height = Math.abs(to.y - from.y)
  if (ratio > 0) {
    if (width / Math.max(height, 1e-6) > ratio) height = width / ratio
    else width = height * ratio
  }
  return {
    x: to.x < from.x ? from.x - width : from.x,
    y: to.y < from.y ? from.y - height : from.y,
    width,
    height,
  }
}

export const contains = (rect: Rect, { x, y }: Point): boolean =>
  x >= rect.x && y >= rect.y && x < rect.x + rect.width && y < rect.y + rect.height

export const distance = (one: Point, other: Point): number => Math.hypot(one.x - other.x, one.y - other.y)

export const apply = ([a, b, c, d, e, f]: Matrix, { x, y }: Point): Point => ({
  x: a * x + c * y + e,
  y: b * x + d * y + f,
})

/** First `first`, then `then`. */
export function multiply(then: Matrix, first: Matrix): Matrix {
  const [a, b, c, d, e, f] = then
  const [g, h, i, j, k, l] = first
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f]
}

export function invert([a, b, c, d, e, f]: Matrix): Matrix {
  const size = a * d - b * c || 1e-9
  return [d / size, -b / size, -c / size, a / size, (c * f - d * e) / size, (b * e - a * f) / size]
}

export const moved = (x: number, y: number): Matrix => [1, 0, 0, 1, x, y]

/** Whether a matrix only moves, by whole pixels: pixels stay what they are. */
export const isMoveOnly = ([a, b, c, d, e, f]: Matrix): boolean =>
  a === 1 && b === 0 && c === 0 && d === 1 && Number.isInteger(e) && Number.isInteger(f)

/** The smallest rectangle around a rectangle that a matrix moved. */
export const boundsAfter = (matrix: Matrix, rect: Rect): Rect =>
  around(cornersOf(rect).map((corner) => apply(matrix, corner)))

/**
 * What a matrix does, in numbers that people set: where the rectangle goes before it is turned, its size, its angle.
 *
 * A negative width is mirrored left and right, a negative height top and bottom; whichever needs the smaller turn.
 */
export interface Placement {
  x: number
  y: number
  width: number
  height: number
  degrees: number
}

/** Reads a matrix as a placement of `rect`. Shear is not shown; nobody makes it here. */
export function placementOf(matrix: Matrix, rect: Rect): Placement {
  const [a, b, c, d] = matrix
  const middle = apply(matrix, centreOf(rect))
  const across = Math.hypot(a, b)
  const down = (a * d - b * c) / (across || 1e-9)
  const degrees = (Math.atan2(b, a) * 180) / Math.PI
  const sideways = down < 0 && Math.abs(degrees) > 90
  return {
    x: middle.x - (rect.width * across) / 2,
    y: middle.y - (rect.height * Math.abs(down)) / 2,
    width: rect.width * (sideways ? -across : across),
    height: rect.height * (sideways ? -down : down),
    degrees: sideways ? degrees - Math.sign(degrees) * 180 : degrees,
  }
}

/** As if the placed rectangle were seen in a mirror, whatever its angle. */
export const mirrored = (placement: Placement, side: 'width' | 'height'): Placement => ({
  ...placement,
  [side]: -placement[side],
  degrees: placement.degrees === 0 ? 0 : -placement.degrees,
})

/** The matrix of a placement. */
export function matrixOf(placement: Placement, rect: Rect): Matrix {
  const across = placement.width / rect.width
  const down = placement.height / rect.height
  const angle = (placement.degrees * Math.PI) / 180
  const turned: Matrix = [
    Math.cos(angle) * across,
    Math.sin(angle) * across,
    -Math.sin(angle) * down,
    Math.cos(angle) * down,
    0,
    0,
  ]
  const middle = apply(turned, centreOf(rect))
  return multiply(
    moved(
      placement.x + Math.abs(placement.width) / 2 - middle.x,
      placement.y + Math.abs(placement.height) / 2 - middle.y,
    ),
    turned,
  )
}
