import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { shownNumber, t } from '@/i18n/text'
import type { JobRow as Row } from '@/net/queue'
import { Skeleton } from '@/ui/skeleton'
import { GroupRow } from './group-row'
import { type Entry, entriesOf, rowsOf, sectionsOf } from './grouping'
import { JobRow } from './job-row'
import type { Lists } from './lists'
import { useLeaving } from './orders'
import { useReorder } from './use-reorder'

type Section = 'running' | 'waiting' | 'failed' | 'done'

type Item =
  | { kind: 'head'; id: string; section: Section; total: number }
  | { kind: 'entry'; id: string; section: Section; entry: Entry; index: number }
  | { kind: 'child'; id: string; row: Row }
  | { kind: 'note'; id: string; text: string }
  | { kind: 'more'; id: string; section: 'failed' | 'done' }

const ROW = 64
const HEIGHTS: Record<Item['kind'], number> = { head: 44, entry: ROW, child: ROW, note: 48, more: 48 }

const NAMES: Record<Section, () => string> = {
  running: () => t('Running'),
  waiting: () => t('Waiting'),
  failed: () => t('Failed'),
  done: () => t('Done'),
}

export interface JobListProps {
  lists: Lists
  chosen: string
  onChoose: (id: string) => void
  compact?: boolean
  /** What is shown where nothing waits. */
  nothingWaits: string
  /** At the right end of a section's head. */
  aside?: (section: Section) => ReactNode
  /** The waiting section is there even if it is empty. */
  showsWaiting: boolean
}

/** The queue's rows: what runs, what waits, what failed, what is done; only those in view are mounted. */
export function JobList({
  lists,
  chosen,
  onChoose,
  compact,
  nothingWaits,
  aside,
  showsWaiting,
}: JobListProps) {
  const leaving = useLeaving((state) => state.ids)
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const box = useRef<HTMLDivElement>(null)
  const { items, waiting } = useItems(lists, leaving, unfolded, showsWaiting, nothingWaits)
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: (at) => HEIGHTS[items[at]!.kind],
    getItemKey: (at) => items[at]!.id,
    overscan: 8,
  })
  const placeOf = (index: number) => {
    const at = items.findIndex(
      (item) => item.kind === 'entry' && item.section === 'waiting' && item.index === index,
    )
    const known = virtual.measurementsCache[at]
    return known ? { start: known.start, end: known.end } : undefined
  }
  const reorder = useReorder(waiting, box, placeOf)
  const line = reorder.drag ? dropLine(reorder.drag.to, waiting.length, placeOf) : undefined
  const shown = virtual.getVirtualItems()
  useMore(items, shown.at(-1)?.index ?? 0, lists)
  const toggle = (id: string) =>
    setUnfolded(
      (known) => new Set(known.has(id) ? [...known].filter((other) => other !== id) : [...known, id]),
    )
  const draw = (item: Item): ReactNode => {
    if (item.kind === 'head')
      return (
        <Head section={item.section} total={item.total} aside={aside?.(item.section)} compact={compact} />
      )
    if (item.kind === 'note') return <p className="px-4 py-3 text-body text-faint">{item.text}</p>
    if (item.kind === 'more') return <Skeleton className="m-3 h-6" />
    const common = { onChoose, compact }
    if (item.kind === 'child')
      return <JobRow {...common} row={item.row} chosen={item.row.id === chosen} nested />
    const movable = item.section === 'waiting' && waiting.length > 1
    const turn = movable ? { handle: reorder.handleOf(item.index), steps: reorder.stepsOf(item.index) } : {}
    const { entry } = item
    if (entry.kind === 'job')
      return <JobRow {...common} {...turn} row={entry.row} chosen={entry.row.id === chosen} />
    return (
      <GroupRow
        {...turn}
        group={entry.group}
        open={unfolded.has(entry.id)}
        onToggle={() => toggle(entry.id)}
      />
    )
  }
  return (
    <div ref={box} className="relative min-h-0 flex-1 overflow-auto">
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {shown.map((place) => {
          const item = items[place.index]!
          const dragged =
            item.kind === 'entry' && item.section === 'waiting' && reorder.drag?.from === item.index
          return (
            <li
              key={place.key}
              className={dragged ? 'absolute inset-x-0 opacity-50' : 'absolute inset-x-0'}
              style={{ top: place.start, height: place.size }}
            >
              {draw(item)}
            </li>
          )
        })}
      </ul>
      {line === undefined ? null : (
        <div
          aria-hidden="true"
          className="absolute inset-x-2 h-0.5 rounded-full bg-accent"
          style={{ top: line - 1 }}
        />
      )}
    </div>
  )
}

function dropLine(
  to: number,
  count: number,
  placeOf: (index: number) => { start: number; end: number } | undefined,
): number | undefined {
  return to < count ? placeOf(to)?.start : placeOf(count - 1)?.end
}

function Head({
  section,
  total,
  aside,
  compact,
}: {
  section: Section
  total: number
  aside: ReactNode
  compact?: boolean
}) {
  return (
    <div className="flex h-full items-end gap-2 border-b ps-4 pe-2 pb-2">
      <h2 className="text-label font-semibold text-muted">{NAMES[section]()}</h2>
      <span className="text-label text-faint tabular">{total > 0 ? shownNumber(total) : ''}</span>
      <span className="ms-auto flex items-center">{compact ? null : aside}</span>
    </div>
  )
}

function useItems(
  lists: Lists,
  leaving: ReadonlySet<string>,
  unfolded: ReadonlySet<string>,
  showsWaiting: boolean,
  nothingWaits: string,
): { items: Item[]; waiting: Entry[] } {
  const { running, waiting, failed, done, more, failedTotal, doneTotal, waitingTotal, loading } = lists
  const moreFailed = more.failed !== undefined
  const moreDone = more.done !== undefined
  return useMemo(() => {
    const pages = { failed: moreFailed, done: moreDone }
    const kept = sectionsOf([...running, ...waiting, ...failed, ...done], leaving)
    const gone = (rows: Row[], all: Row[]) => all.length - rows.length
    const items: Item[] = []
    const add = (section: Section, entries: Entry[], total: number) => {
      items.push({ kind: 'head', id: `head:${section}`, section, total })
      entries.forEach((entry, index) => {
        const id = `${section}:${entry.id}`
        items.push({ kind: 'entry', id, section, entry, index })
        if (entry.kind === 'group' && unfolded.has(entry.id))
          for (const row of rowsOf(entry)) items.push({ kind: 'child', id: `child:${row.id}`, row })
      })
    }
    const turns = entriesOf(kept.waiting)
    if (kept.running.length > 0) add('running', entriesOf(kept.running), kept.running.length)
    if (turns.length > 0 || (showsWaiting && !loading)) {
      add('waiting', turns, Math.max(0, waitingTotal - gone(kept.waiting, waiting)))
      if (turns.length === 0) items.push({ kind: 'note', id: 'note', text: nothingWaits })
    }
    for (const [section, rows, total, all] of [
      ['failed', kept.failed, failedTotal, failed],
      ['done', kept.done, doneTotal, done],
    ] as const) {
      if (rows.length > 0) add(section, entriesOf(rows), Math.max(rows.length, total - gone(rows, all)))
      if (rows.length > 0 && pages[section]) items.push({ kind: 'more', id: `more:${section}`, section })
    }
    return { items, waiting: turns }
  }, [
    running,
    waiting,
    failed,
    done,
    moreFailed,
    moreDone,
    failedTotal,
    doneTotal,
    waitingTotal,
    loading,
    leaving,
    unfolded,
    showsWaiting,
    nothingWaits,
  ])
}

/** Reads the next page once its place comes into view. */
function useMore(items: Item[], last: number, lists: Lists): void {
  const seen = items.slice(Math.max(0, last - 30), last + 1)
  const wanted = seen.find((item) => item.kind === 'more')?.section
  const load = wanted ? lists.more[wanted] : undefined
  const latest = useRef(load)
  latest.current = load
  useEffect(() => {
    if (wanted) latest.current?.()
  }, [wanted])
}
