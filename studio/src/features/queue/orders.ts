/** What one can do with jobs. Cancelling and clearing can be taken back for eight seconds: until then nothing is lost. */
import { create } from 'zustand'
import { client, queries } from '@/app/connection'
import { QUEUE, refreshQueue } from '@/app/jobs'
import { t } from '@/i18n/text'
import { send } from '@/net/api'
import {
  holdJobs,
  isWaiting,
  type JobRow,
  type Meant,
  moveJobs,
  pauseQueue,
  releaseJobs,
  retryJobs,
  stopJobs,
} from '@/net/queue'
import { announce } from '@/ui/announce'
import { toast, toastUndo } from '@/ui/toasts'
import { reordered } from './grouping'

const GRACE = 8_000

/** Jobs that are on their way out and are not shown any more, though the server still has them. */
export const useLeaving = create<{ ids: ReadonlySet<string> }>(() => ({ ids: new Set() }))

const leave = (ids: string[]): void =>
  useLeaving.setState((state) => ({ ids: new Set([...state.ids, ...ids]) }))
const stay = (ids: string[]): void =>
  useLeaving.setState((state) => ({ ids: new Set([...state.ids].filter((id) => !ids.includes(id))) }))

/** Does something with the queue and has lists read again; what goes wrong is said. */
export async function order<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
    return undefined
  } finally {
    refreshQueue(queries)
  }
}

interface Pending {
  path: string
  meant: Meant
  ids: string[]
}

const pending = new Set<Pending>()

/** Leaving the page does what was asked for at once. */
addEventListener('pagehide', () => {
  for (const { path, meant } of pending)
    void fetch(path, { method: 'POST', body: JSON.stringify(meant), keepalive: true })
})

function afterGrace(task: Pending, text: string, undone: () => void): void {
  pending.add(task)
  leave(task.ids)
  const timer = setTimeout(() => {
    pending.delete(task)
    void order(() => send('POST', task.path, task.meant)).then(() => setTimeout(() => stay(task.ids), 1_000))
  }, GRACE)
  toastUndo(text, () => {
    clearTimeout(timer)
    pending.delete(task)
    stay(task.ids)
    undone()
  })
  announce(text)
}

/** Takes waiting jobs out of the queue, with time to take that back, and stops those that run. */
export function cancel(rows: readonly JobRow[]): void {
  const waiting = rows.filter(isWaiting)
  const running = rows.filter((row) => row.state === 'running').map((row) => row.id)
  if (running.length > 0) void order(() => stopJobs({ ids: running }))
  if (waiting.length === 0) return
  const ids = waiting.map((row) => row.id)
  const free = waiting.filter((row) => row.state === 'waiting').map((row) => row.id)
  // Held, they do not begin meanwhile; those that were held before stay so if it is taken back.
  if (free.length > 0) void order(() => holdJobs({ ids: free }))
  const task = { path: '/limner/jobs/cancel', meant: { ids }, ids }
  const text =
    ids.length === 1
      ? t('Cancelled: {{title}}', { title: waiting[0]!.title || waiting[0]!.text })
      : t('{{count}} jobs cancelled', { count: ids.length })
  afterGrace(task, text, () => free.length > 0 && void order(() => releaseJobs({ ids: free })))
}

/** Forgets jobs that are over, with time to take that back; their files stay. */
export function forget(rows: readonly JobRow[]): void {
  const ids = rows.map((row) => row.id)
  const task = { path: '/limner/jobs/delete', meant: { ids }, ids }
  afterGrace(task, t('{{count}} jobs removed from the list', { count: ids.length }), () => undefined)
}

/** Forgets everything that is over by now. `shown` are those that a list has; there may be more. */
export function clearFinished(shown: readonly JobRow[], count: number): void {
  const meant: Meant = { all: true, until: Date.now() }
  const task = { path: '/limner/jobs/delete', meant, ids: shown.map((row) => row.id) }
  afterGrace(task, t('{{count}} finished jobs cleared; their pictures stay', { count }), () => undefined)
}

export const hold = (ids: string[]): Promise<unknown> => order(() => holdJobs({ ids }))
export const release = (ids: string[]): Promise<unknown> => order(() => releaseJobs({ ids }))
export const pause = (paused: boolean): Promise<unknown> => order(() => pauseQueue(paused))

/** Shows the new order at once, so that the next key or drag finds rows where they are going to be. */
function moveShown(ids: string[], { before }: { before?: string | null; first?: boolean }): void {
  void queries.cancelQueries({ queryKey: [...QUEUE, 'waits'] })
  queries.setQueriesData<{ jobs: JobRow[] }>({ queryKey: [...QUEUE, 'waits'] }, (known) => {
    if (!known) return known
    const jobs = reordered(known.jobs, ids, before)
    return { ...known, jobs: jobs.map((row, at) => ({ ...row, position: known.jobs[at]!.position })) }
  })
}

/** Puts jobs elsewhere in the queue, and says so. */
export async function move(
  ids: string[],
  place: { before?: string | null; first?: boolean },
  said = t('Moved'),
): Promise<void> {
  moveShown(ids, place)
  await order(() => moveJobs(ids, place))
  announce(said)
}

/** Asks for jobs once more. */
export async function retry(rows: readonly JobRow[]): Promise<void> {
  const said = await order(() => retryJobs({ ids: rows.map((row) => row.id) }, client))
  if (!said) return
  const refused = Object.values(said.refused)
  if (refused.length > 0) toast({ text: refused[0]!.message, tone: 'err' })
  const count = Object.keys(said.ids).length
  if (count > 0) toast({ text: t('{{count}} jobs queued again', { count }), tone: 'ok' })
}
