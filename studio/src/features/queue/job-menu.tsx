import {
  ArrowDown,
  ArrowDownToLine,
  ArrowUp,
  ArrowUpToLine,
  Copy,
  Hand,
  Images,
  PencilLine,
  Play,
  RotateCcw,
  Trash2,
  Workflow as WorkflowIcon,
  X,
} from 'lucide-react'
import { sendTo } from '@/app/intents'
import { t } from '@/i18n/text'
import { isOver, isWaiting, type JobRow } from '@/net/queue'
import type { MenuEntry } from '@/ui/menu'
import { toast } from '@/ui/toasts'
import { reportOf } from './job-words'
import { duplicateAndEdit, openAsGraph } from './open-job'
import { cancel, forget, hold, move, release, retry } from './orders'

const SIZE = { size: 14, 'aria-hidden': true } as const

/** Moves by one place among what waits; absent where that cannot be. */
export interface Steps {
  up?: () => void
  down?: () => void
}

/** Everything that can be done with one job; the same in its menu and its context menu. */
export function jobEntries(row: JobRow, steps: Steps = {}): MenuEntry[] {
  return [
    ...(isWaiting(row) ? turnEntries([row], steps) : []),
    ...(row.outputs[0]
      ? [{ label: t('Show in the gallery'), icon: <Images {...SIZE} />, onSelect: () => showResult(row) }]
      : []),
    { label: t('Open as graph'), icon: <WorkflowIcon {...SIZE} />, onSelect: () => void openAsGraph(row.id) },
    {
      label: t('Duplicate and edit'),
      icon: <PencilLine {...SIZE} />,
      onSelect: () => void duplicateAndEdit(row.id),
    },
    ...(isOver(row)
      ? [{ label: t('Run again'), icon: <RotateCcw {...SIZE} />, onSelect: () => void retry([row]) }]
      : []),
    ...(row.error
      ? [{ label: t('Copy error'), icon: <Copy {...SIZE} />, onSelect: () => copyText(reportOf(row)) }]
      : []),
    'line',
    isOver(row)
      ? { label: t('Remove from the list'), icon: <Trash2 {...SIZE} />, onSelect: () => forget([row]) }
      : { label: t('Cancel'), icon: <X {...SIZE} />, danger: true, onSelect: () => cancel([row]) },
  ]
}

/** What can be done with the jobs of a group together. */
export function groupEntries(rows: JobRow[], steps: Steps = {}): MenuEntry[] {
  const over = rows.every(isOver)
  return [
    ...(rows.every(isWaiting) ? turnEntries(rows, steps) : []),
    ...(over
      ? [{ label: t('Run all again'), icon: <RotateCcw {...SIZE} />, onSelect: () => void retry(rows) }]
      : []),
    ...(over || rows.every(isWaiting) ? ['line' as const] : []),
    over
      ? { label: t('Remove from the list'), icon: <Trash2 {...SIZE} />, onSelect: () => forget(rows) }
      : { label: t('Cancel the group'), icon: <X {...SIZE} />, danger: true, onSelect: () => cancel(rows) },
  ]
}

function turnEntries(rows: JobRow[], { up, down }: Steps): MenuEntry[] {
  const ids = rows.map((row) => row.id)
  const held = rows.some((row) => row.state === 'held')
  return [
    {
      label: t('Send to the top'),
      icon: <ArrowUpToLine {...SIZE} />,
      onSelect: () => void move(ids, { first: true }, t('Runs next')),
    },
    ...(up ? [{ label: t('Move up'), icon: <ArrowUp {...SIZE} />, onSelect: up }] : []),
    ...(down ? [{ label: t('Move down'), icon: <ArrowDown {...SIZE} />, onSelect: down }] : []),
    {
      label: t('Send to the end'),
      icon: <ArrowDownToLine {...SIZE} />,
      onSelect: () => void move(ids, { before: null }, t('Runs last')),
    },
    held
      ? { label: t('Release'), icon: <Play {...SIZE} />, onSelect: () => void release(ids) }
      : { label: t('Hold'), icon: <Hand {...SIZE} />, onSelect: () => void hold(ids) },
    'line',
  ]
}

export const showResult = (row: JobRow): void => sendTo('gallery', 'show', { file: row.outputs[0] })

export function copyText(text: string): void {
  void navigator.clipboard
    .writeText(text)
    .then(() => toast({ text: t('Copied'), tone: 'ok', lasts: 2_000 }))
    .catch(() => toast({ text: t('The browser did not allow copying.'), tone: 'err' }))
}
