import { ArrowUpToLine, Ellipsis, GripVertical, Hand, Images, Play, RotateCcw, Square, X } from 'lucide-react'
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react'
import { shownAge, t } from '@/i18n/text'
import { isOver, isWaiting, type JobRow as Row } from '@/net/queue'
import { Badge } from '@/ui/badge'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { ContextMenu, Menu, type MenuEntry } from '@/ui/menu'
import { jobEntries, type Steps, showResult } from './job-menu'
import { JobThumb } from './job-thumb'
import { doorOf, lengthOf, nameOf, STATE_TONES, stateWord } from './job-words'
import { cancel, hold, move, release, retry } from './orders'
import { RunningLine } from './running-line'
import { useSwipe } from './use-swipe'

export interface Handle {
  id: string
  onPointerDown: (event: PointerEvent<HTMLButtonElement>) => void
  onPointerMove: (event: PointerEvent<HTMLButtonElement>) => void
  onPointerUp: (event: PointerEvent<HTMLButtonElement>) => void
  onKeyDown: (event: KeyboardEvent<HTMLButtonElement>) => void
}

export interface JobRowProps {
  row: Row
  chosen: boolean
  onChoose: (id: string) => void
  /** Inside a group that is unfolded. */
  nested?: boolean
  /** In the drawer: less beside the name. */
  compact?: boolean
  handle?: Handle
  steps?: Steps
}

/** One job: what it looks like, what it is called, how it stands, what can be done with it. */
export function JobRow({ row, chosen, onChoose, nested, compact, handle, steps }: JobRowProps) {
  const swipe = useSwipe(isOver(row) ? undefined : () => cancel([row]))
  const entries = jobEntries(row, steps)
  return (
    <ContextMenu entries={entries}>
      <div className="relative h-full overflow-hidden border-b">
        {swipe.offset !== 0 ? <SwipeGround far={swipe.far} /> : null}
        <div
          {...swipe.handlers}
          style={swipe.offset ? { transform: `translateX(${swipe.offset}px)` } : undefined}
          className={classes(
            'relative flex h-full touch-pan-y items-center gap-3 pe-2',
            handle ? 'ps-1' : 'ps-4',
            nested && 'ps-10',
            chosen ? 'bg-accent-soft' : swipe.offset !== 0 ? 'bg-surface' : 'hover:bg-hover',
          )}
        >
          {handle ? <DragHandle handle={handle} name={nameOf(row)} /> : null}
          <JobThumb row={row} />
          <button
            type="button"
            aria-current={chosen || undefined}
            onClick={() => onChoose(row.id)}
            className="flex h-full min-w-0 flex-1 flex-col justify-center gap-0.5 rounded-control text-start outline-offset-[-2px]"
          >
            <span className="w-full truncate text-body">{nameOf(row)}</span>
            <Detail row={row} compact={compact} chosen={chosen} />
          </button>
          {compact ? null : <Facts row={row} chosen={chosen} />}
          <RowActions row={row} entries={entries} />
        </div>
      </div>
    </ContextMenu>
  )
}

const SwipeGround = ({ far }: { far: boolean }) => (
  <div
    aria-hidden="true"
    className={classes(
      'absolute inset-0 flex items-center justify-between px-6 font-medium text-white',
      far ? 'bg-danger' : 'bg-line-strong',
    )}
  >
    <X size={20} />
    <span>{t('Cancel')}</span>
    <X size={20} />
  </div>
)

/** The second line: where it is while it runs, why it failed, else what it is. */
function Detail({ row, compact, chosen }: { row: Row; compact?: boolean; chosen: boolean }) {
  if (row.state === 'running') return <RunningLine row={row} />
  if (row.error)
    return (
      <span className="w-full truncate text-label text-err">
        {row.error.node_type ? `${row.error.node_type}: ` : ''}
        {row.error.message}
      </span>
    )
  const parts = [
    compact && row.position ? t('Number {{number}}', { number: row.position }) : '',
    row.title && row.title !== nameOf(row) ? row.title : '',
    doorOf(row),
    isWaiting(row) && row.returned ? t('Again: {{reason}}', { reason: row.returned }) : '',
    compact ? lengthOf(row) : '',
    compact && isOver(row) ? shownAge(row.ended || row.created) : '',
  ].filter(Boolean)
  return (
    <span className="flex w-full min-w-0 items-center gap-2">
      {row.state !== 'succeeded' && row.state !== 'waiting' ? (
        <Badge tone={STATE_TONES[row.state]}>{stateWord(row.state)}</Badge>
      ) : null}
      <span className={classes('truncate text-label', chosen ? 'text-muted' : 'text-faint')}>
        {parts.join(' · ') || t('{{count}} nodes', { count: row.nodes })}
      </span>
    </span>
  )
}

/** Numbers at the right end: place and length while it waits, length and age afterwards. */
function Facts({ row, chosen }: { row: Row; chosen: boolean }) {
  if (row.state === 'running') return null
  const lines = isWaiting(row)
    ? [row.position ? t('Number {{number}}', { number: row.position }) : '', lengthOf(row)]
    : [lengthOf(row), shownAge(row.ended || row.created)]
  return (
    <span
      className={classes(
        'flex w-28 shrink-0 flex-col items-end text-label tabular max-sm:hidden',
        chosen ? 'text-muted' : 'text-faint',
      )}
    >
      {lines.map((line, at) => (
        <span key={at === 0 ? 'first' : 'second'} className={classes('truncate', at === 0 && 'text-muted')}>
          {line}
        </span>
      ))}
    </span>
  )
}

function RowActions({ row, entries }: { row: Row; entries: MenuEntry[] }) {
  const actions: ReactNode[] = []
  if (isWaiting(row)) {
    const ids = [row.id]
    const held = row.state === 'held'
    actions.push(
      <IconButton
        key="top"
        small
        className="max-sm:hidden"
        label={t('Send to the top')}
        onClick={() => void move(ids, { first: true }, t('Runs next'))}
      >
        <ArrowUpToLine size={16} strokeWidth={1.5} />
      </IconButton>,
      <IconButton
        key="hold"
        small
        className="max-sm:hidden"
        label={held ? t('Release') : t('Hold')}
        pressed={held}
        onClick={() => void (held ? release(ids) : hold(ids))}
      >
        {held ? <Play size={16} strokeWidth={1.5} /> : <Hand size={16} strokeWidth={1.5} />}
      </IconButton>,
    )
  }
  if (row.outputs[0])
    actions.push(
      <IconButton
        key="show"
        small
        className="max-sm:hidden"
        label={t('Show in the gallery')}
        onClick={() => showResult(row)}
      >
        <Images size={16} strokeWidth={1.5} />
      </IconButton>,
    )
  if (row.state === 'failed' || row.state === 'lost' || row.state === 'interrupted')
    actions.push(
      <IconButton key="retry" small label={t('Retry')} onClick={() => void retry([row])}>
        <RotateCcw size={16} strokeWidth={1.5} />
      </IconButton>,
    )
  if (!isOver(row))
    actions.push(
      <IconButton
        key="cancel"
        small
        label={t('Cancel')}
        disabled={row.stopping}
        onClick={() => cancel([row])}
      >
        {isWaiting(row) ? <X size={16} strokeWidth={1.5} /> : <Square size={14} strokeWidth={1.5} />}
      </IconButton>,
    )
  return (
    <span className="flex shrink-0 items-center">
      {actions}
      <RowMenu entries={entries} name={nameOf(row)} />
    </span>
  )
}

/** The menu at the end of a row. */
export const RowMenu = ({ entries, name }: { entries: MenuEntry[]; name: string }) => (
  <Menu
    align="end"
    entries={entries}
    trigger={
      <button
        type="button"
        aria-label={t('More for {{name}}', { name: name.slice(0, 60) })}
        className="flex size-7 items-center justify-center rounded-control text-muted hover:bg-hover hover:text-text pointer-coarse:size-11"
      >
        <Ellipsis size={16} aria-hidden="true" />
      </button>
    }
  />
)

/** Dragged, or moved with the arrow keys. */
export const DragHandle = ({ handle, name }: { handle: Handle; name: string }) => (
  <button
    type="button"
    data-handle={handle.id}
    aria-label={t('Move {{name}}: arrow keys, Home and End', { name: name.slice(0, 60) })}
    onPointerDown={handle.onPointerDown}
    onPointerMove={handle.onPointerMove}
    onPointerUp={handle.onPointerUp}
    onPointerCancel={handle.onPointerUp}
    onKeyDown={handle.onKeyDown}
    className="-me-2 flex h-10 w-6 shrink-0 cursor-grab touch-none items-center justify-center rounded-control text-faint hover:text-text active:cursor-grabbing pointer-coarse:w-9"
  >
    <GripVertical size={16} strokeWidth={1.5} aria-hidden="true" />
  </button>
)
