/** Rows of jobs as the queue shows them: jobs that were asked for together fold into one entry. */
import { isOver, isWaiting, type JobRow } from '@/net/queue'

export interface JobGroup {
  group: string
  title: string
  rows: JobRow[]
}

export type Entry = { kind: 'job'; id: string; row: JobRow } | { kind: 'group'; id: string; group: JobGroup }

/** Folds rows by their group; an entry stands where its first row stood. Groups of one are that one. */
export function entriesOf(rows: readonly JobRow[]): Entry[] {
  const groups = new Map<string, JobGroup>()
  const places: (JobRow | JobGroup)[] = []
  for (const row of rows) {
    const known = row.group ? groups.get(row.group) : undefined
    if (known) known.rows.push(row)
    else if (row.group) {
      const group = { group: row.group, title: row.group_title || row.title, rows: [row] }
      groups.set(row.group, group)
      places.push(group)
    } else places.push(row)
  }
  return places.map((place): Entry => {
    if (!('rows' in place)) return { kind: 'job', id: place.id, row: place }
    if (place.rows.length === 1) return { kind: 'job', id: place.rows[0]!.id, row: place.rows[0]! }
    return { kind: 'group', id: `group:${place.group}`, group: place }
  })
}

/** The jobs of an entry, in order. */
export const rowsOf = (entry: Entry): JobRow[] => (entry.kind === 'job' ? [entry.row] : entry.group.rows)

export const idsOf = (entry: Entry): string[] => rowsOf(entry).map((row) => row.id)

/**
 * Where an entry goes in the queue if it is put before the entry at `to`: the job that it has to precede, or null for
 * the end. Undefined: it stays where it is.
 */
export function placeBefore(entries: readonly Entry[], from: number, to: number): string | null | undefined {
  if (to === from || to === from + 1) return undefined
  const target = entries[to]
  return target ? rowsOf(target)[0]!.id : null
}

/** Rows with some of them put before another one: null for the end, undefined for the front. */
export function reordered(
  rows: readonly JobRow[],
  ids: readonly string[],
  before: string | null | undefined,
): JobRow[] {
  const moved = rows.filter((row) => ids.includes(row.id))
  const kept = rows.filter((row) => !ids.includes(row.id))
  const at = before === undefined ? 0 : kept.findIndex((row) => row.id === before)
  const place = at < 0 ? kept.length : at
  return [...kept.slice(0, place), ...moved, ...kept.slice(place)]
}

export interface Sections {
  running: JobRow[]
  waiting: JobRow[]
  failed: JobRow[]
  done: JobRow[]
}

/** Sorts rows into the queue's sections; those on their way out are left out. */
export function sectionsOf(rows: readonly JobRow[], leaving: ReadonlySet<string>): Sections {
  const sections: Sections = { running: [], waiting: [], failed: [], done: [] }
  for (const row of rows) {
    if (leaving.has(row.id)) continue
    if (isWaiting(row)) sections.waiting.push(row)
    else if (!isOver(row)) sections.running.push(row)
    else if (row.state === 'failed' || row.state === 'lost') sections.failed.push(row)
    else sections.done.push(row)
  }
  return sections
}
