/** A comparison as files: a picture of the table with its labels, JSON, CSV. */
import { t } from '@/i18n/text'
import { fetchFile } from '@/net/files'
import { coordinatesAt } from './cell-table'
import { pictureOf } from './cell-view'
import type { Comparison } from './comparisons'
import { cellsOf, keyOf } from './plan'
import type { Cell } from './use-cells'

const MARGIN = 16
const GAP = 8
const LABEL = 36
const SIDE = 160
/** Cells are drawn no larger, and less large in big tables: browsers have no canvas above some size. */
const LARGEST_CELL = 512
const LARGEST_SIDE = 14_000

/** Has the browser save something. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

export function asJson(comparison: Comparison, cells: ReadonlyMap<string, Cell>): Blob {
  const { id, title, created, axes } = comparison
  const rows = cellsOf(axes).map((at) => {
    const cell = cells.get(keyOf(at))
    return {
      values: axes.flatMap((axis, slot) => (axis ? [axis.values[at[slot]!]!.value] : [])),
      state: cell?.state ?? 'missing',
      starred: cell?.starred ?? false,
      files: cell?.files ?? [],
      problem: cell?.problem || undefined,
    }
  })
  const told = {
    id,
    title,
    created: new Date(created).toISOString(),
    axes: axes.flatMap((axis) => (axis ? [{ label: axis.label, role: axis.role, places: axis.places }] : [])),
    cells: rows,
    workflow: comparison.base,
  }
  return new Blob([JSON.stringify(told, null, 2)], { type: 'application/json' })
}

export function asCsv(comparison: Comparison, cells: ReadonlyMap<string, Cell>): Blob {
  const axes = comparison.axes.flatMap((axis, at) => (axis ? [{ axis, at }] : []))
  const head = [...axes.map(({ axis }) => axis.label), 'state', 'starred', 'file']
  const rows = cellsOf(comparison.axes).map((at) => {
    const cell = cells.get(keyOf(at))
    const file = pictureOf(cell)
    const path = file ? [file.subfolder, file.filename].filter(Boolean).join('/') : ''
    const values = axes.map(({ axis, at: slot }) => String(axis.values[at[slot]!]!.value))
    return [...values, cell?.state ?? 'missing', cell?.starred ? 'yes' : 'no', path]
  })
  return new Blob([`\ufeff${[head, ...rows].map((row) => row.map(quoted).join(',')).join('\r\n')}\r\n`], {
    type: 'text/csv',
  })
}

/** A value of a table; what a spreadsheet would take for a formula is made a text. */
export function quoted(text: string): string {
  const safe = /^[=+@\t]/.test(text) || /^-\D/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}

/** The page of the table that is shown, as one picture. */
export async function asPicture(
  comparison: Comparison,
  cells: ReadonlyMap<string, Cell>,
  page: number,
): Promise<Blob> {
  const { axes, view } = comparison
  const [across, down, , inside] = view.map((axis) => axes[axis]?.values.map((value) => value.label) ?? [''])
  const inner = Math.ceil(Math.sqrt(inside!.length))
  const size = Math.max(
    32,
    Math.min(
      LARGEST_CELL,
      (LARGEST_SIDE - SIDE) / (across!.length * inner),
      LARGEST_SIDE / (down!.length * inner),
    ),
  )
  const step = size * inner + GAP
  const canvas = document.createElement('canvas')
  canvas.width = MARGIN * 2 + SIDE + across!.length * step
  canvas.height = MARGIN * 2 + LABEL + down!.length * step
  const brush = canvas.getContext('2d')!
  brush.fillStyle = '#ffffff'
  brush.fillRect(0, 0, canvas.width, canvas.height)
  brush.fillStyle = '#171a21'
  brush.font = '600 16px system-ui, sans-serif'
  brush.textBaseline = 'middle'
  const at = (column: number, row: number) =>
    [MARGIN + SIDE + column * step, MARGIN + LABEL + row * step] as const
  for (const [column, label] of across!.entries())
    write(brush, label, at(column, 0)[0], MARGIN + LABEL / 2, size * inner)
  for (const [row, label] of down!.entries())
    write(brush, label, MARGIN, at(0, row)[1] + (size * inner) / 2, SIDE - GAP)
  for (let row = 0; row < down!.length; row += 1)
    for (let column = 0; column < across!.length; column += 1)
      for (let place = 0; place < inside!.length; place += 1) {
        const [x, y] = at(column, row)
        const left = x + (place % inner) * size
        const top = y + Math.floor(place / inner) * size
        const cell = cells.get(keyOf(coordinatesAt(view, [column, row, page, place])))
        await drawCell(brush, cell, left, top, size)
      }
  return new Promise((done, failed) =>
    canvas.toBlob((blob) =>
      blob ? done(blob) : failed(new Error(t('The table is too large for one picture.'))),
    ),
  )
}

async function drawCell(
  brush: CanvasRenderingContext2D,
  cell: Cell | undefined,
  left: number,
  top: number,
  size: number,
): Promise<void> {
  const file = pictureOf(cell)
  const picture = file && (await createImageBitmap(await fetchFile(file)).catch(() => undefined))
  if (!picture) {
    brush.strokeStyle = '#dfe3ea'
    brush.strokeRect(left + 0.5, top + 0.5, size - 1, size - 1)
    return
  }
  const scale = Math.min(size / picture.width, size / picture.height)
  const [width, height] = [picture.width * scale, picture.height * scale]
  brush.drawImage(picture, left + (size - width) / 2, top + (size - height) / 2, width, height)
  picture.close()
}

/** A label in one line, cut to its place. */
function write(brush: CanvasRenderingContext2D, text: string, x: number, y: number, room: number): void {
  let shown = text
  while (shown.length > 1 && brush.measureText(shown).width > room) shown = `${shown.slice(0, -2)}…`
  brush.fillText(shown, x, y)
}

export const fileName = (comparison: Comparison, suffix: string): string =>
  `${comparison.title.replace(/[^\p{L}\p{N} ._-]+/gu, '_').slice(0, 60) || 'comparison'}.${suffix}`
