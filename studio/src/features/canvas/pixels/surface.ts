/**
 * The pixels of one layer: a canvas that grows by whole tiles, and knows which tiles a change touched.
 *
 * Between `begin` and `finish` every `touch` keeps what was there before. A mask's pixels are in the alpha channel alone;
 * their colour is only how they are shown.
 */
import { overlap, type Rect, union, wholePixels } from '../state/geometry'
import {
  isBlank,
  isSame,
  rectOfTile,
  TILE,
  type TileChange,
  type TileKey,
  tilesOf,
  wholeTiles,
} from './tiles'

/** Larger canvases are refused by browsers on small machines. */
export const LARGEST_SIDE = 8192

export type Drawing = CanvasRenderingContext2D

/** A canvas of a size, for drawing. `read` is for those whose pixels are read back. */
export function newCanvas(width: number, height: number, read = false): [HTMLCanvasElement, Drawing] {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width))
  canvas.height = Math.max(1, Math.round(height))
  return [canvas, canvas.getContext('2d', { willReadFrequently: read })!]
}

export class Surface {
  canvas!: HTMLCanvasElement
  context!: Drawing
  /** Where the canvas lies in the layer's own pixels; whole tiles. */
  bounds: Rect = { x: 0, y: 0, width: 0, height: 0 }
  /** Counts changes, for those that show them. */
  version = 0
  /** Which state of the layer these pixels are; the document names the one that it wants. */
  revision = ''
  private before: Map<TileKey, HTMLCanvasElement | null> | null = null

  constructor(bounds: Rect = { x: 0, y: 0, width: TILE, height: TILE }) {
    this.allot(wholeTiles(bounds))
  }

  /** Another one with the same pixels. */
  copy(): Surface {
    const other = new Surface(this.bounds)
    other.context.drawImage(this.canvas, 0, 0)
    other.revision = this.revision
    return other
  }

  /** Starts to keep what changes. */
  begin(): void {
    this.before = new Map()
  }

  get changing(): boolean {
    return this.before !== null
  }

  /** Says that the pixels in `rect` are about to change. Returns the part of it that can be drawn on. */
  touch(rect: Rect): Rect | null {
    this.grow(rect)
    const inside = overlap(this.bounds, wholePixels(rect))
    if (!inside) return null
    this.version += 1
    if (this.before)
      for (const key of tilesOf(inside)) if (!this.before.has(key)) this.before.set(key, this.copyTile(key))
    return inside
  }

  /** What a tile held when the change began. */
  beforeOf(key: TileKey): HTMLCanvasElement | null {
    return this.before?.get(key) ?? null
  }

  /** Puts back what was in `rect` when the change began. */
  restore(rect: Rect): void {
    this.clear(rect)
    for (const key of tilesOf(rect)) {
      const tile = this.before?.get(key)
      const part = overlap(rect, rectOfTile(key))
      if (!tile || !part) continue
      const at = rectOfTile(key)
      this.context.drawImage(
        tile,
        part.x - at.x,
        part.y - at.y,
        part.width,
        part.height,
        part.x - this.bounds.x,
        part.y - this.bounds.y,
        part.width,
        part.height,
      )
    }
  }

  /** Ends the change; returns the tiles that are other than before. */
  finish(): TileChange[] {
    const changes: TileChange[] = []
    for (const [key, tile] of this.before ?? []) {
      const before = tile ? pixelsOf(tile) : null
      const after = this.readTile(key)
      if (!isSame(before, after)) changes.push({ key, before, after })
    }
    this.before = null
    return changes
  }

  /** Ends the change and takes it back. */
  cancel(): void {
    for (const key of this.before?.keys() ?? []) this.restore(rectOfTile(key))
    this.before = null
    this.version += 1
  }

  readTile(key: TileKey): Uint8ClampedArray | null {
    const rect = rectOfTile(key)
    if (!overlap(rect, this.bounds)) return null
    const { data } = this.context.getImageData(rect.x - this.bounds.x, rect.y - this.bounds.y, TILE, TILE)
    return isBlank(data) ? null : data
  }

  writeTile(key: TileKey, pixels: Uint8ClampedArray | null): void {
    const rect = rectOfTile(key)
    if (pixels) this.grow(rect)
    if (!overlap(rect, this.bounds)) return
    this.version += 1
    if (pixels)
      this.context.putImageData(
        new ImageData(new Uint8ClampedArray(pixels), TILE, TILE),
        rect.x - this.bounds.x,
        rect.y - this.bounds.y,
      )
    else this.clear(rect)
  }

  /** Draws with the layer's own coordinates. */
  draw(paint: (context: Drawing) => void): void {
    this.context.save()
    this.context.translate(-this.bounds.x, -this.bounds.y)
    paint(this.context)
    this.context.restore()
    this.version += 1
  }

  /** The smallest rectangle around everything that is not transparent, or null. */
  contentBounds(): Rect | null {
    if (this.content?.version !== this.version)
      this.content = {
        version: this.version,
        rect: union(tilesOf(this.bounds).map((key) => this.contentOfTile(key))),
      }
    return this.content.rect
  }

  private content: { version: number; rect: Rect | null } | null = null

  private contentOfTile(key: TileKey): Rect | null {
    const data = this.readTile(key)
    if (!data) return null
    const at = rectOfTile(key)
    let [left, top, right, bottom] = [TILE, TILE, -1, -1]
    for (let pixel = 0; pixel < TILE * TILE; pixel += 1) {
      if (data[pixel * 4 + 3] === 0) continue
      const x = pixel % TILE
      const y = (pixel - x) / TILE
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      bottom = y
    }
    return right < 0
      ? null
      : { x: at.x + left, y: at.y + top, width: right - left + 1, height: bottom - top + 1 }
  }

  private clear(rect: Rect): void {
    this.context.clearRect(rect.x - this.bounds.x, rect.y - this.bounds.y, rect.width, rect.height)
  }

  private copyTile(key: TileKey): HTMLCanvasElement | null {
    const rect = rectOfTile(key)
    const [tile, context] = newCanvas(TILE, TILE, true)
    context.drawImage(this.canvas, this.bounds.x - rect.x, this.bounds.y - rect.y)
    return tile
  }

  private grow(rect: Rect): void {
    if (overlapsWhole(this.bounds, rect)) return
    const wanted = union([this.bounds, wholeTiles(rect)])!
    if (wanted.width > LARGEST_SIDE || wanted.height > LARGEST_SIDE) return
    const [old, at] = [this.canvas, this.bounds]
    this.allot(wanted)
    this.context.drawImage(old, at.x - wanted.x, at.y - wanted.y)
  }

  private allot(bounds: Rect): void {
    const [canvas, context] = newCanvas(bounds.width, bounds.height, true)
    this.canvas = canvas
    this.context = context
    this.bounds = bounds
  }
}

const overlapsWhole = (outer: Rect, inner: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height

function pixelsOf(tile: HTMLCanvasElement): Uint8ClampedArray | null {
  const { data } = tile.getContext('2d')!.getImageData(0, 0, TILE, TILE)
  return isBlank(data) ? null : data
}
