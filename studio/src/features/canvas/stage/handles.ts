/** Squares at the corners and edges of something that is sized by dragging: the box, a layer. */
import { distance, type Point, type Rect } from '../state/geometry'

/** Which edges a handle moves: -1 left or top, 1 right or bottom, 0 neither. */
export interface Handle {
  x: -1 | 0 | 1
  y: -1 | 0 | 1
}

const SIDES = [-1, 0, 1] as const

export const HANDLES: readonly Handle[] = SIDES.flatMap((y) =>
  SIDES.map((x) => ({ x, y })).filter((handle) => handle.x !== 0 || handle.y !== 0),
)

/** Where a handle of a rectangle is. */
export const placeOf = (handle: Handle, { x, y, width, height }: Rect): Point => ({
  x: x + (width * (handle.x + 1)) / 2,
  y: y + (height * (handle.y + 1)) / 2,
})

/** The handle under a point, if one is near enough. `place` says where each is on the screen. */
export const handleAt = (
  point: Point,
  place: (handle: Handle) => Point,
  touch: boolean,
): Handle | undefined => HANDLES.find((handle) => distance(point, place(handle)) <= (touch ? 22 : 9))

/** The rectangle after a handle was dragged by `by`. With a ratio (width by height) it keeps that. */
export function resized(rect: Rect, handle: Handle, by: Point, ratio = 0): Rect {
  let left = rect.x + (handle.x < 0 ? by.x : 0)
  let top = rect.y + (handle.y < 0 ? by.y : 0)
  let right = rect.x + rect.width + (handle.x > 0 ? by.x : 0)
  let bottom = rect.y + rect.height + (handle.y > 0 ? by.y : 0)
  const width = Math.max(1, right - left)
  const height = Math.max(1, bottom - top)
  if (handle.x < 0) left = right - width
  else right = left + width
  if (handle.y < 0) top = bottom - height
  else bottom = top + height
  if (ratio > 0) return inRatio({ x: left, y: top, width, height }, handle, ratio)
  return { x: left, y: top, width, height }
}

function inRatio(rect: Rect, handle: Handle, ratio: number): Rect {
  const byWidth = handle.y === 0 || (handle.x !== 0 && rect.width / rect.height >= ratio)
  const width = byWidth ? rect.width : rect.height * ratio
  const height = byWidth ? rect.width / ratio : rect.height
  return {
    x: handle.x < 0 ? rect.x + rect.width - width : handle.x > 0 ? rect.x : rect.x + (rect.width - width) / 2,
    y:
      handle.y < 0
        ? rect.y + rect.height - height
        : handle.y > 0
          ? rect.y
          : rect.y + (rect.height - height) / 2,
    width,
    height,
  }
}

const CURSORS: Record<string, string> = {
  '-1,-1': 'nwse-resize',
  '1,1': 'nwse-resize',
  '1,-1': 'nesw-resize',
  '-1,1': 'nesw-resize',
  '0,-1': 'ns-resize',
  '0,1': 'ns-resize',
  '-1,0': 'ew-resize',
  '1,0': 'ew-resize',
}

export const cursorOf = (handle: Handle): string => CURSORS[`${handle.x},${handle.y}`]!
