import { ChevronRight, RotateCcw, X } from 'lucide-react'
import { shownDuration, t } from '@/i18n/text'
import { isOver, isWaiting, type JobRow } from '@/net/queue'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { ContextMenu } from '@/ui/menu'
import type { JobGroup } from './grouping'
import { groupEntries, type Steps } from './job-menu'
import { DragHandle, type Handle, RowMenu } from './job-row'
import { JobThumb } from './job-thumb'
import { nameOf } from './job-words'
import { cancel, retry } from './orders'

export interface GroupRowProps {
  group: JobGroup
  open: boolean
  onToggle: () => void
  handle?: Handle
  steps?: Steps
}

const STACK = 3

/** Jobs that were asked for together, as one row that unfolds. */
export function GroupRow({ group, open, onToggle, handle, steps }: GroupRowProps) {
  const { rows } = group
  const name = group.title && group.title !== t('Untitled') ? group.title : nameOf(rows[0]!)
  const entries = groupEntries(rows, steps)
  const tried = rows.filter((row) => isOver(row) && row.state !== 'succeeded')
  return (
    <ContextMenu entries={entries}>
      <div
        className={classes(
          'flex h-full items-center gap-3 border-b pe-2 hover:bg-hover',
          handle ? 'ps-1' : 'ps-4',
        )}
      >
        {handle ? <DragHandle handle={handle} name={name} /> : null}
        <span className="relative size-11 shrink-0">
          {rows
            .slice(0, STACK)
            .reverse()
            .map((row, at, all) => (
              <JobThumb
                key={row.id}
                row={row}
                className={classes(
                  'absolute inset-0',
                  all.length - at === 2 && 'translate-x-1 -translate-y-1 scale-95',
                  all.length - at === 3 && 'translate-x-2 -translate-y-2 scale-90',
                )}
              />
            ))}
        </span>
        <button
          type="button"
          aria-expanded={open}
          onClick={onToggle}
          className="flex h-full min-w-0 flex-1 items-center gap-2 rounded-control text-start outline-offset-[-2px]"
        >
          <ChevronRight
            size={14}
            aria-hidden="true"
            className={classes(
              'shrink-0 text-faint transition-transform duration-120 rtl:-scale-x-100',
              open && 'rotate-90',
            )}
          />
          <span className="flex min-w-0 flex-1 flex-col gap-0.5">
            <span className="truncate text-body">{name}</span>
            <span className="truncate text-label text-faint tabular">{summaryOf(rows)}</span>
          </span>
        </button>
        <span className="flex shrink-0 items-center">
          {tried.length > 0 ? (
            <IconButton small label={t('Retry these')} onClick={() => void retry(tried)}>
              <RotateCcw size={16} strokeWidth={1.5} />
            </IconButton>
          ) : null}
          {rows.every(isOver) ? null : (
            <IconButton small label={t('Cancel the group')} onClick={() => cancel(rows)}>
              <X size={16} strokeWidth={1.5} />
            </IconButton>
          )}
          <RowMenu entries={entries} name={name} />
        </span>
      </div>
    </ContextMenu>
  )
}

/** How many jobs there are, and how long they take together. */
function summaryOf(rows: JobRow[]): string {
  const count = t('{{count}} jobs', { count: rows.length })
  const expected = rows.reduce((sum, row) => sum + (isWaiting(row) ? (row.expected ?? 0) : 0), 0)
  const held = rows.filter((row) => row.state === 'held').length
  return [
    count,
    held > 0 ? t('{{count}} on hold', { count: held }) : '',
    expected > 0 ? t('about {{time}}', { time: shownDuration(expected * 1000) }) : '',
  ]
    .filter(Boolean)
    .join(' · ')
}
