/** The queue over HTTP: lists of jobs, one job, changes of order, estimates. What moves too fast for lists is in `app/jobs`. */
import { getJson, postJson } from './api'
import type { SavedFile } from './files'

export type JobState = 'waiting' | 'held' | 'running' | 'succeeded' | 'failed' | 'interrupted' | 'lost'

export interface JobError {
  node: string
  node_type: string
  message: string
  code: string
}

export interface JobRow {
  id: string
  state: JobState
  title: string
  /** The longest text of its graph: what somebody would know it by. */
  text: string
  group: string
  group_title: string
  document: string
  app: string
  /** Where its result belongs in a table. */
  cell: number[] | null
  /** The API that it came through. */
  dialect: string
  created: number
  started: number
  ended: number
  nodes: number
  position: number | null
  attempt: number
  /** Why it went back to the queue, if it did. */
  returned: string
  stopping: boolean
  outputs: (SavedFile & { node: string })[]
  output_count: number
  error: JobError | null
  /** Seconds that it is going to take, as far as that is known. */
  expected: number | null
  /** Seconds by node, while it runs. */
  weights: Record<string, number>
}

export interface TimelineStep {
  node: string
  real: string
  type: string
  title: string
  state: 'ran' | 'cached' | 'failed' | 'stopped'
  began: number
  seconds: number
}

export interface JobView extends JobRow {
  prompt: Record<string, { class_type: string; inputs: Record<string, unknown>; _meta?: { title?: string } }>
  workflow: unknown
  timeline: TimelineStep[]
  traceback: string[]
  tips: string
  log: { time: number; text: string }[]
}

export interface JobPage {
  jobs: JobRow[]
  total: number
  next: string | null
}

export interface JobQuery {
  state?: string
  group?: string
  q?: string
  since?: number
  until?: number
  limit?: number
  before?: string
}

export interface QueueState {
  paused: boolean
  waiting: number
  held: number
  running: number
  finished: number
}

/** Which jobs a change is about. */
export type Meant = { ids: string[] } | { group: string } | { all: true; until?: number }

export const listJobs = (query: JobQuery, signal?: AbortSignal): Promise<JobPage> =>
  getJson<JobPage>('/limner/jobs', { query: { ...query }, signal })

export const getJob = (id: string, signal?: AbortSignal): Promise<JobView> =>
  getJson<JobView>(`/limner/jobs/${encodeURIComponent(id)}`, { signal })

export const getQueue = (signal?: AbortSignal): Promise<QueueState> =>
  getJson<QueueState>('/limner/queue', { signal })

export const pauseQueue = (paused: boolean): Promise<unknown> =>
  postJson(`/limner/queue/${paused ? 'pause' : 'resume'}`)

export const moveJobs = (
  ids: string[],
  place: { before?: string | null; first?: boolean },
): Promise<unknown> => postJson('/limner/jobs/move', { ids, ...place })

export const holdJobs = (meant: Meant): Promise<{ ids: string[] }> => postJson('/limner/jobs/hold', meant)
export const releaseJobs = (meant: Meant): Promise<{ ids: string[] }> =>
  postJson('/limner/jobs/release', meant)
export const stopJobs = (meant: Meant): Promise<{ ids: string[] }> => postJson('/limner/jobs/cancel', meant)
export const deleteJobs = (meant: Meant): Promise<unknown> => postJson('/limner/jobs/delete', meant)

export interface Retried {
  /** New ids by old ones. */
  ids: Record<string, string>
  refused: Record<string, { message: string }>
}

export const retryJobs = (meant: Meant, client: string): Promise<Retried> =>
  postJson('/limner/jobs/retry', { ...meant, client_id: client })

export interface Estimate {
  seconds: number | null
  /** How many of its nodes ran here before, 0..1. */
  known: number
  nodes: Record<string, number>
}

/** How long a workflow is going to take, by what its nodes took here before. */
export const estimateRun = (prompt: unknown, signal?: AbortSignal): Promise<Estimate> =>
  postJson<Estimate>('/limner/estimate', { prompt }, { signal })

export const isOver = (row: JobRow): boolean => !['waiting', 'held', 'running'].includes(row.state)
export const isWaiting = (row: JobRow): boolean => row.state === 'waiting' || row.state === 'held'
