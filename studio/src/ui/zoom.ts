/** The geometry of a picture in a box that is zoomed and panned: pure, so that it can be tested without a screen. */

export interface Size {
  width: number
  height: number
}

export interface Point {
  x: number
  y: number
}

/** How a picture lies in its box: its scale, and how far its middle is from the box's. `fit` follows the box. */
export interface View extends Point {
  scale: number
  fit: boolean
}

export const FITTED: View = { scale: 1, x: 0, y: 0, fit: true }

const LARGEST = 32
const SMALLEST = 0.02

/** The scale at which a picture fills its box. Small pictures are enlarged at most `enlarge` times. */
export function fittingScale(picture: Size, box: Size, enlarge = 4): number {
  if (!picture.width || !picture.height || !box.width || !box.height) return 1
  return Math.min(box.width / picture.width, box.height / picture.height, enlarge)
}

/** A view of which nothing is lost: the picture cannot be pushed out of its box, and one that is smaller stays in the middle. */
export function held(view: View, picture: Size, box: Size): View {
  if (view.fit) return { ...view, x: 0, y: 0 }
  const roomX = Math.max(0, (picture.width * view.scale - box.width) / 2)
  const roomY = Math.max(0, (picture.height * view.scale - box.height) / 2)
  return { ...view, x: between(view.x, -roomX, roomX), y: between(view.y, -roomY, roomY) }
}

/** Another scale, with the picture's place under `at` (from the box's middle) kept where it is. */
export function zoomedTo(view: View, scale: number, at: Point, picture: Size, box: Size): View {
  const next = between(scale, SMALLEST, LARGEST)
  const ratio = next / view.scale
  return held(
    { scale: next, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio, fit: false },
    picture,
    box,
  )
}

export const panned = (view: View, by: Point, picture: Size, box: Size): View =>
  held({ ...view, x: view.x + by.x, y: view.y + by.y }, picture, box)

/** Whether there is more of the picture than its box shows. */
export const isLarger = (view: View, picture: Size, box: Size): boolean =>
  picture.width * view.scale > box.width + 1 || picture.height * view.scale > box.height + 1

export type Swipe = 'left' | 'right' | 'up' | 'down'

const SWIPE = 56

/** Which way a finger went, if it went far and straight enough to mean something. */
export function swipeOf(by: Point): Swipe | null {
  const [across, along] = [Math.abs(by.x), Math.abs(by.y)]
  if (across > SWIPE && across > along * 1.5) return by.x < 0 ? 'left' : 'right'
  if (along > SWIPE && along > across * 1.5) return by.y < 0 ? 'up' : 'down'
  return null
}

const between = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
