/** Where there is room for a node that is added beside another: over nodes that are there nobody would see what is new. */
import { drawnSize } from '../canvas/flow-instance'
import { HEADER } from '../state/geometry'
import { bodyOf, type Scope } from '../state/scope'

const STEP = 20
const GAP = 10
const FURTHEST = 40

/** The place nearest to the one that is wished for, above or below it, where a node of this size (without header) lies on none. */
export function freePlace(
  scope: Scope,
  [x, y]: [number, number],
  [width, height]: [number, number],
): [number, number] {
  const taken = (bodyOf(scope)?.nodes ?? []).map((node) => {
    const [wide, high] = drawnSize(node)
    return {
      left: node.pos[0],
      top: node.pos[1] - HEADER,
      right: node.pos[0] + wide,
      bottom: node.pos[1] + high,
    }
  })
  const isFree = (top: number) =>
    !taken.some(
      (other) =>
        x < other.right + GAP &&
        x + width > other.left - GAP &&
        top - HEADER < other.bottom + GAP &&
        top + height > other.top - GAP,
    )
  for (let step = 0; step <= FURTHEST; step += 1) {
    const found = [y + step * STEP, y - step * STEP].find(isFree)
    if (found !== undefined) return [Math.round(x), Math.round(found)]
  }
  return [Math.round(x), Math.round(y)]
}
