/** What is selected, as a path that limits painting, masks and what a run may change. */

import { trace } from '../stage/marks'
import { apply, around, invert, type Matrix, type Point, type Rect } from './geometry'
import type { Selection } from './session'

/** The selection as a path in a layer's own pixels; null: everything. */
export function pathWithin(selection: Selection | null, matrix: Matrix): Path2D | null {
  if (!selection) return null
  const inward = invert(matrix)
  const path = new Path2D()
  for (const line of selection)
    trace(
      path,
      line.map((point) => apply(inward, point)),
      true,
    )
  return path
}

export const selectionBounds = (selection: Selection): Rect => around(selection.flat())

/** A closed line around a rectangle. */
export const outlineOf = ({ x, y, width, height }: Rect): Point[] => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
]
