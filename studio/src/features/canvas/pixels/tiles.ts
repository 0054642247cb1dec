/** Which 256-pixel squares of a layer a rectangle touches. Keys are `column,row` in the layer's own pixels. */
import type { Rect } from '../state/geometry'

export const TILE = 256

export type TileKey = string

/** A tile before and after a change; null: nothing in it. */
export interface TileChange {
  key: TileKey
  before: Uint8ClampedArray | null
  after: Uint8ClampedArray | null
}

export const keyOf = (column: number, row: number): TileKey => `${column},${row}`

/** Where a tile lies. */
export function rectOfTile(key: TileKey): Rect {
  const [column = 0, row = 0] = key.split(',').map(Number)
  return { x: column * TILE, y: row * TILE, width: TILE, height: TILE }
}

/** Keys of the tiles that a rectangle touches. */
export function tilesOf(rect: Rect): TileKey[] {
  const keys: TileKey[] = []
  for (let row = Math.floor(rect.y / TILE); row * TILE < rect.y + rect.height; row += 1) {
    for (let column = Math.floor(rect.x / TILE); column * TILE < rect.x + rect.width; column += 1)
      keys.push(keyOf(column, row))
  }
  return keys
}

/** The smallest rectangle of whole tiles around a rectangle. */
export function wholeTiles(rect: Rect): Rect {
  const x = Math.floor(rect.x / TILE) * TILE
  const y = Math.floor(rect.y / TILE) * TILE
  return {
    x,
    y,
    width: Math.ceil((rect.x + rect.width) / TILE) * TILE - x,
    height: Math.ceil((rect.y + rect.height) / TILE) * TILE - y,
  }
}

/** Whether no pixel has any opacity: such a tile is kept as nothing. */
export function isBlank(pixels: Uint8ClampedArray): boolean {
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.byteLength >> 2)
  for (let at = 0; at < words.length; at += 1) if (words[at] !== 0) return false
  return true
}

export function isSame(one: Uint8ClampedArray | null, other: Uint8ClampedArray | null): boolean {
  if (one === null || other === null) return one === other
  const words = new Uint32Array(one.buffer, one.byteOffset, one.byteLength >> 2)
  const others = new Uint32Array(other.buffer, other.byteOffset, other.byteLength >> 2)
  for (let at = 0; at < words.length; at += 1) if (words[at] !== others[at]) return false
  return true
}
