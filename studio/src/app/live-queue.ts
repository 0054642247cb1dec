/**
 * Ties the server's lists to what is known of running jobs here: jobs that ran before the page was loaded are found
 * again, and those that ended while nobody was connected get their end and their results.
 */
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { t } from '@/i18n/text'
import { ApiError } from '@/net/api'
import { getJob, type JobRow, type JobState, listJobs } from '@/net/queue'
import { toast } from '@/ui/toasts'
import { useConnection } from './connection'
import { adoptJobs, isLive, type LiveJob, type LiveState, QUEUE, useJobs } from './jobs'
import { goTo } from './navigation'

/** Jobs that wait are enough of them to know which documents have some. */
const WAITING = 100
/** A job that was asked for a moment ago may not be in a list that was read before. */
const FRESH = 3_000

/** Key of the jobs that run now. */
export const RUNNING = [...QUEUE, 'running'] as const

/** The jobs that run now, as the server lists them. */
export const useRunning = () =>
  useQuery({
    queryKey: RUNNING,
    queryFn: ({ signal }) => listJobs({ state: 'running', limit: 100 }, signal),
  })

export function useLiveQueue(): void {
  const connection = useConnection((state) => state.connection)
  const running = useRunning().data
  const waiting = useQuery({
    queryKey: [...QUEUE, 'next'],
    queryFn: ({ signal }) => listJobs({ state: 'waiting', limit: WAITING }, signal),
  }).data
  useEffect(() => {
    if (!running || !waiting) return
    const alive = [...running.jobs, ...waiting.jobs]
    adoptJobs(alive.map(asLive))
    if (connection !== 'open' || waiting.total > WAITING) return
    void settle(new Set(alive.map((row) => row.id)))
  }, [running, waiting, connection])
}

const STATES: Record<JobState, LiveState> = {
  waiting: 'waiting',
  held: 'waiting',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  lost: 'failed',
  interrupted: 'interrupted',
}

/** What a row of a list says of a job, in the words of the store of live jobs. */
function asLive(row: JobRow): Partial<LiveJob> & { id: string } {
  const known = useJobs.getState().jobs[row.id]
  const over = known !== undefined && !isLive(known)
  return {
    id: row.id,
    title: known?.title || row.title,
    document: known?.document || row.document,
    group: known?.group || row.group,
    total: known?.total || row.nodes,
    began: known?.began || row.started,
    ...(over ? {} : { state: known?.state === 'running' ? 'running' : STATES[row.state] }),
    ...(row.state === 'running' ? { weights: row.weights } : {}),
  }
}

/** Gives jobs their end that are over at the server and not here. */
async function settle(alive: Set<string>): Promise<void> {
  const { jobs, order } = useJobs.getState()
  const open = order
    .map((id) => jobs[id]!)
    .filter((job) => isLive(job) && !alive.has(job.id) && Date.now() - job.queued > FRESH)
  const ends = await Promise.all(open.map((job) => getJob(job.id).catch(isGone)))
  const found = ends.flatMap((view) => (view && STATES[view.state] !== 'waiting' ? [view] : []))
  const gone = open.filter((_, at) => ends[at] === null)
  adoptJobs([
    ...found.map((view) => ({
      id: view.id,
      state: STATES[view.state],
      ended: view.ended,
      node: '',
      outputs: view.outputs.map(({ node, ...file }) => ({ node, file })),
      failure: view.error && {
        node: view.error.node,
        nodeType: view.error.node_type,
        message: view.error.message,
        type: view.error.code,
        traceback: view.traceback,
      },
    })),
    ...gone.map((job) => ({ id: job.id, state: 'interrupted' as const, ended: Date.now(), node: '' })),
  ])
  const lost = found.filter((view) => view.state === 'lost')
  if (lost.length > 0)
    toast({
      text: t('Lost when the server stopped: {{title}}', { title: lost[0]!.title || lost[0]!.id }),
      tone: 'err',
      action: { label: t('Show'), run: () => goTo('queue', lost[0]!.id) },
    })
}

/** Null for a job that the server does not know any more, undefined if it could not be asked. */
const isGone = (error: unknown): null | undefined =>
  error instanceof ApiError && error.status === 404 ? null : undefined
