/**
 * One stroke of a brush or eraser, written into the layer while it is drawn.
 *
 * It is stamped into a sheet of its own and laid over what was there before the stroke, so that a stroke of 50 % is
 * 50 % where it crosses itself too. Only the part that a movement touched is laid anew.
 */

import { type Drawing, newCanvas, type Surface } from '../pixels/surface'
import { around, type Point, type Rect, wholePixels } from '../state/geometry'

export interface StrokePoint extends Point {
  /** 0..1 of a pen; 1 of a mouse. */
  pressure: number
}

export interface StrokeLook {
  /** Diameter in pixels. */
  size: number
  /** 0: soft from the middle on. 1: a sharp edge. */
  hardness: number
  opacity: number
  colour: string
  erases: boolean
  /** Nothing is painted outside of it; in the layer's pixels. */
  within?: Path2D | null
}

/** Strokes this hard are drawn as lines: sharper, and cheaper than stamps. */
const SHARP = 0.97

export class Stroke {
  private readonly sheet: HTMLCanvasElement
  private readonly ink: Drawing
  private origin: Rect
  private last: StrokePoint | null = null
  /** How far along the way the next stamp is. */
  private ahead = 0
  private readonly stamp: HTMLCanvasElement | null

  constructor(
    private readonly surface: Surface,
    private readonly look: StrokeLook,
  ) {
    surface.begin()
    this.origin = surface.bounds
    ;[this.sheet, this.ink] = newCanvas(this.origin.width, this.origin.height, true)
    this.stamp = look.hardness < SHARP ? softStamp(look) : null
  }

  /** Draws on to these points; returns what it touched, in the layer's pixels. */
  to(points: readonly StrokePoint[]): Rect | null {
    const path = this.last ? [this.last, ...points] : [...points]
    if (path.length === 0) return null
    const dirty = this.surface.touch(wholePixels(around(path, this.look.size / 2 + 2)))
    this.follow()
    for (let at = this.last ? 1 : 0; at < path.length; at += 1) this.reach(path[at]!)
    if (dirty) this.lay(dirty)
    return dirty
  }

  private reach(point: StrokePoint): void {
    const from = this.last ?? point
    if (this.stamp) this.stampTo(from, point, this.last === null)
    else this.lineTo(from, point)
    this.last = point
  }

  private lineTo(from: StrokePoint, to: StrokePoint): void {
    const { ink, look, origin } = this
    ink.strokeStyle = look.colour
    ink.lineCap = 'round'
    ink.lineJoin = 'round'
    ink.lineWidth = Math.max(0.5, look.size * to.pressure)
    ink.beginPath()
    ink.moveTo(from.x - origin.x, from.y - origin.y)
    ink.lineTo(to.x - origin.x + (from === to ? 0.01 : 0), to.y - origin.y)
    ink.stroke()
  }

  private stampTo(from: StrokePoint, to: StrokePoint, first: boolean): void {
    const way = Math.hypot(to.x - from.x, to.y - from.y)
    const spacing = Math.max(1, this.look.size * 0.08)
    if (first) this.press(to, to.pressure)
    let along = this.ahead
    while (along <= way && way > 0) {
      const part = along / way
      const at = { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
      this.press(at, from.pressure + (to.pressure - from.pressure) * part)
      along += spacing
    }
    this.ahead = along - way
  }

  private press(at: Point, pressure: number): void {
    const size = Math.max(1, this.look.size * pressure)
    this.ink.drawImage(
      this.stamp!,
      at.x - this.origin.x - size / 2,
      at.y - this.origin.y - size / 2,
      size,
      size,
    )
  }

  /** The layer may have grown under the stroke: the sheet grows along. */
  private follow(): void {
    const { bounds } = this.surface
    if (bounds === this.origin) return
    const [old] = newCanvas(this.sheet.width, this.sheet.height)
    old.getContext('2d')!.drawImage(this.sheet, 0, 0)
    this.sheet.width = bounds.width
    this.sheet.height = bounds.height
    this.ink.drawImage(old, this.origin.x - bounds.x, this.origin.y - bounds.y)
    this.origin = bounds
  }

  private lay(rect: Rect): void {
    const { surface, look, sheet, origin } = this
    surface.restore(rect)
    surface.draw((context) => {
      if (look.within) context.clip(look.within)
      context.globalAlpha = look.opacity
      context.globalCompositeOperation = look.erases ? 'destination-out' : 'source-over'
      context.drawImage(
        sheet,
        rect.x - origin.x,
        rect.y - origin.y,
        rect.width,
        rect.height,
        rect.x,
        rect.y,
        rect.width,
        rect.height,
      )
    })
  }
}

function softStamp({ size, hardness, colour }: StrokeLook): HTMLCanvasElement {
  const side = Math.max(2, Math.ceil(size))
  const [canvas, context] = newCanvas(side, side)
  const middle = side / 2
  const fade = context.createRadialGradient(middle, middle, 0, middle, middle, middle)
  const inner = Math.min(0.99, Math.max(0, hardness))
  // Stamps lie close and add up, so each is thinner than the edge that they make together.
  fade.addColorStop(0, '#000f')
  fade.addColorStop(inner, '#000f')
  for (let step = 1; step <= 8; step += 1) {
    const part = step / 8
    const alpha = (1 - part) ** 2 * (1 + 2 * part) * (1 - part * 0.5)
    fade.addColorStop(inner + (1 - inner) * part, `rgb(0 0 0 / ${alpha * (0.35 + 0.65 * hardness)})`)
  }
  context.fillStyle = fade
  context.fillRect(0, 0, side, side)
  context.globalCompositeOperation = 'source-in'
  context.fillStyle = colour
  context.fillRect(0, 0, side, side)
  return canvas
}
