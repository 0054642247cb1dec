/** A comparison as data: its axes, the cells that they span, the order in which they run. No state, no requests. */
import { produce } from 'immer'
import { type AxisMode, type AxisResult, parseAxis, permuteAxis, replaceAxis } from '@/doc/axes'
import type { Definitions } from '@/doc/definitions'
import { writePlace } from '@/doc/widgets'
import type { Place, Role, Workflow } from '@/doc/workflow'
import type { AxisTarget } from './targets'

/** Across, down, one table after another, and inside each cell. */
export const SLOTS = 4
export const MOST_CELLS = 1_000

/** An axis as it is being written. */
export interface AxisDraft {
  target: string
  mode: AxisMode
  text: string
}

/** An axis as it runs. */
export interface Axis {
  label: string
  role: Role
  places: Place[]
  values: { label: string; value: unknown }[]
}

/** Places on the axes, in their order; 0 where there is no axis. */
export type Coordinates = number[]

/** The values of a draft. */
export function readDraft(draft: AxisDraft, target: AxisTarget): AxisResult {
  const text = String(target.value ?? '')
  if (draft.mode === 'replace') return replaceAxis(text, draft.text)
  if (draft.mode === 'permute') return permuteAxis(text, draft.text)
  return parseAxis(draft.text, target.range)
}

export const countOf = (axes: readonly (Axis | null)[]): number =>
  axes.reduce((count, axis) => count * (axis?.values.length ?? 1), 1)

/** How slow a change of what an axis means is: models are loaded anew, texts encoded anew, the rest is sampling. */
export function slowness(role: Role): number {
  if (role.startsWith('model.')) return 4
  if (role.startsWith('lora')) return 3
  if (role.startsWith('image.') || role.startsWith('control')) return 2
  if (role.startsWith('prompt.') || role.startsWith('size.')) return 1
  return 0
}

/** All cells in the order in which they run: the slowest change is outermost, so it happens the fewest times. */
export function cellsOf(axes: readonly (Axis | null)[]): Coordinates[] {
  const order = axes
    .map((axis, at) => ({ at, slow: axis ? slowness(axis.role) : -1 }))
    .sort((one, other) => other.slow - one.slow || other.at - one.at)
  let cells: Coordinates[] = [axes.map(() => 0)]
  for (const { at } of order) {
    const count = axes[at]?.values.length ?? 1
    cells = cells.flatMap((cell) =>
      Array.from({ length: count }, (_, value) => cell.map((known, axis) => (axis === at ? value : known))),
    )
  }
  return cells
}

/** The workflow of one cell. */
export const workflowOf = (
  base: Workflow,
  definitions: Definitions,
  axes: readonly (Axis | null)[],
  cell: Coordinates,
): Workflow =>
  produce(base, (draft) => {
    axes.forEach((axis, at) => {
      const value = axis?.values[cell[at] ?? 0]
      for (const place of value ? axis.places : [])
        writePlace(draft as Workflow, definitions, place, value!.value)
    })
  })

/** What tells a cell from others, in words. */
export const captionOf = (axes: readonly (Axis | null)[], cell: Coordinates): string =>
  axes
    .flatMap((axis, at) => (axis ? [`${axis.label}: ${axis.values[cell[at] ?? 0]?.label ?? ''}`] : []))
    .join(' · ')

export const keyOf = (cell: Coordinates): string => cell.join('.')

/** Some cells that stand for all: the first, the last, and evenly between. */
export function sample(cells: readonly Coordinates[], most: number): Coordinates[] {
  if (cells.length <= most) return [...cells]
  return Array.from({ length: most }, (_, at) => cells[Math.round((at * (cells.length - 1)) / (most - 1))]!)
}
