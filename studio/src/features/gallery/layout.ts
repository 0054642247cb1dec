/** Where every picture of a list lies: rows of equal height that fill the width, or squares. Pure and quick for 100,000. */

export interface Row {
  /** A day above its pictures, or pictures. */
  day: string
  top: number
  height: number
  first: number
  count: number
  /** Height of the pictures: less than `height` by the gap below. */
  size: number
}

export interface Layout {
  rows: Row[]
  height: number
  /** Width over height of each picture. */
  ratios: Float32Array
  square: boolean
  gap: number
}

export interface LayoutWish {
  total: number
  days: readonly (readonly [string, number])[]
  shapes: readonly (readonly [number, number])[]
  width: number
  /** Height of rows that is aimed at, in pixels. */
  size: number
  square: boolean
}

export const GAP = 4
const HEADING = 44

/** Lays a list out. */
export function layOut(wish: LayoutWish): Layout {
  const ratios = spread(wish)
  const rows: Row[] = []
  let top = 0
  const add = (row: Omit<Row, 'top'>) => {
    rows.push({ ...row, top })
    top += row.height
  }
  const days = wish.days.length > 0 ? wish.days : ([['', wish.total]] as const)
  let first = 0
  for (const [day, count] of days) {
    if (day) add({ day, height: HEADING, first, count: 0, size: 0 })
    const end = Math.min(first + count, wish.total)
    while (first < end) {
      const { count: taken, size } = wish.square
        ? squares(first, end, wish)
        : justified(first, end, wish, ratios)
      add({ day: '', height: size + GAP, first, count: taken, size })
      first += taken
    }
  }
  return { rows, height: top, ratios, square: wish.square, gap: GAP }
}

function spread({ total, shapes }: LayoutWish): Float32Array {
  const ratios = new Float32Array(total).fill(1)
  let at = 0
  for (const [shape, count] of shapes) {
    ratios.fill(shape / 100, at, Math.min(total, at + count))
    at += count
  }
  return ratios
}

function squares(first: number, end: number, { width, size }: LayoutWish): { count: number; size: number } {
  const columns = columnsOf(width, size)
  return { count: Math.min(columns, end - first), size: (width - GAP * (columns - 1)) / columns }
}

export const columnsOf = (width: number, size: number): number =>
  Math.max(1, Math.round((width + GAP) / (size + GAP)))

/** So many pictures that they fill a row at about the height that is aimed at. */
function justified(
  first: number,
  end: number,
  { width, size }: LayoutWish,
  ratios: Float32Array,
): { count: number; size: number } {
  let sum = 0
  let count = 0
  while (first + count < end) {
    const next = sum + ratios[first + count]!
    const fitting = (width - GAP * count) / next
    if (count > 0 && fitting < size) {
      // With it the row would be lower than aimed at; it stays if that is nearer than without it.
      const without = (width - GAP * (count - 1)) / sum
      if (size - fitting > without - size) return { count, size: without }
      return { count: count + 1, size: fitting }
    }
    sum = next
    count += 1
  }
  return { count, size: Math.min(size, (width - GAP * (count - 1)) / Math.max(sum, 0.01)) }
}

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

/** Where each picture of a row lies in it. */
export function boxesOf(layout: Layout, row: Row): Box[] {
  let left = 0
  return Array.from({ length: row.count }, (_, at) => {
    const width = row.size * (layout.square ? 1 : layout.ratios[row.first + at]!)
    const box = { left, top: row.top, width, height: row.size }
    left += width + layout.gap
    return box
  })
}

/** The row that shows a picture. */
export function rowOf(layout: Layout, picture: number): number {
  let [low, high] = [0, layout.rows.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (layout.rows[middle]!.first <= picture) low = middle
    else high = middle - 1
  }
  return low
}

/** The pictures that a rectangle touches. */
export function picturesIn(layout: Layout, area: Box): number[] {
  const found: number[] = []
  for (const row of layout.rows) {
    if (row.count === 0 || row.top + row.size < area.top) continue
    if (row.top > area.top + area.height) break
    boxesOf(layout, row).forEach((box, at) => {
      if (box.left < area.left + area.width && box.left + box.width > area.left) found.push(row.first + at)
    })
  }
  return found
}

/** The picture above or below another one, the nearest by its middle. */
export function beside(layout: Layout, picture: number, down: boolean): number {
  const step = down ? 1 : -1
  let at = rowOf(layout, picture)
  const from = boxesOf(layout, layout.rows[at]!)[picture - layout.rows[at]!.first]
  if (!from) return picture
  const middle = from.left + from.width / 2
  for (at += step; at >= 0 && at < layout.rows.length; at += step) {
    const row = layout.rows[at]!
    if (row.count === 0) continue
    const distances = boxesOf(layout, row).map((box) => Math.abs(box.left + box.width / 2 - middle))
    return row.first + distances.indexOf(Math.min(...distances))
  }
  return picture
}
