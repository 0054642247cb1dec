/** How each cell of a comparison stands: by its record, by the server's list of its group, and live. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { QUEUE } from '@/app/jobs'
import { type JobRow, type JobState, listJobs } from '@/net/queue'
import type { Comparison } from './comparisons'
import { type Coordinates, cellsOf, keyOf } from './plan'
import { takeRows } from './run-comparison'

export type CellState = 'missing' | 'gone' | JobState

export interface Cell {
  key: string
  at: Coordinates
  job: string
  state: CellState
  files: Comparison['cells'][string]['files']
  problem: string
  starred: boolean
  expected: number
}

export interface Standing {
  cells: Map<string, Cell>
  total: number
  done: number
  failed: number
  waiting: number
  held: number
  running: number
  /** Not asked for yet. */
  missing: number
  /** Seconds until all are done, by what is known; 0: nobody knows. */
  left: number
}

export function useCells(comparison: Comparison): Standing {
  const { id } = comparison
  const { data } = useQuery({
    queryKey: [...QUEUE, 'group', id],
    queryFn: ({ signal }) => listJobs({ group: id, limit: 1_000 }, signal),
  })
  useEffect(() => {
    if (data) takeRows(id, data.jobs)
  }, [id, data])
  return useMemo(() => standingOf(comparison, data?.jobs), [comparison, data])
}

export function standingOf(comparison: Comparison, rows: readonly JobRow[] | undefined): Standing {
  const byId = new Map(rows?.map((row) => [row.id, row]))
  const cells = new Map<string, Cell>()
  const standing: Standing = {
    cells,
    total: 0,
    done: 0,
    failed: 0,
    waiting: 0,
    held: 0,
    running: 0,
    missing: 0,
    left: 0,
  }
  for (const at of cellsOf(comparison.axes)) {
    const cell = cellOf(comparison, at, byId, rows !== undefined)
    cells.set(cell.key, cell)
    standing.total += 1
    if (cell.state === 'succeeded') standing.done += 1
    else if (cell.state === 'missing') standing.missing += 1
    else if (cell.state === 'running') standing.running += 1
    else if (cell.state === 'waiting') standing.waiting += 1
    else if (cell.state === 'held') standing.held += 1
    else standing.failed += 1
    standing.left += cell.expected
  }
  return standing
}

function cellOf(comparison: Comparison, at: Coordinates, byId: Map<string, JobRow>, known: boolean): Cell {
  const key = keyOf(at)
  const record = comparison.cells[key]
  const row = record?.job ? byId.get(record.job) : undefined
  const kept = record?.files ?? []
  const files = row?.outputs.length ? row.outputs : kept
  return {
    key,
    at,
    job: record?.job ?? '',
    state: row?.state ?? stateWithout(record, known),
    files,
    problem: row?.error?.message ?? record?.problem ?? '',
    starred: record?.starred ?? false,
    expected: row?.expected ?? 0,
  }
}

/** How a cell stands whose job the server does not list: cleared from its list, cancelled, or not asked for. */
function stateWithout(record: Comparison['cells'][string] | undefined, known: boolean): CellState {
  if (record?.problem) return 'failed'
  if (record?.files.length) return 'succeeded'
  if (!record?.job) return 'missing'
  return known ? 'gone' : 'waiting'
}
