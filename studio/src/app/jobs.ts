/**
 * What is known of jobs while they run: progress, previews, what nodes do. Fed by the socket, one change a screen frame.
 *
 * The queue's and the history's lists are the server's (TanStack Query, key QUEUE); this store is what moves too fast for them.
 */
import type { QueryClient } from '@tanstack/react-query'
import { create } from 'zustand'
import { DEFINITIONS } from '@/net/definitions'
import type { SavedFile } from '@/net/files'
import type { Incoming, Message, PreviewMessage } from '@/net/socket'

/** Key of everything that changes when jobs come, move or end. */
export const QUEUE = ['queue'] as const
/** Key of everything that changes when pictures come or change. */
export const GALLERY = ['gallery'] as const

/** Key of everything that changes when model files come and go. */
export const MODELS = ['models'] as const

export type LiveState = 'waiting' | 'running' | 'succeeded' | 'failed' | 'interrupted'

export interface NodeRun {
  state: 'waiting' | 'running' | 'done' | 'cached' | 'failed'
  value: number
  max: number
  began: number
  /** Milliseconds it took, once it is done. */
  took?: number
  text?: string
}

export interface JobFailure {
  node: string
  nodeType: string
  message: string
  type: string
  traceback: string[]
}

export interface LiveJob {
  id: string
  /** The document it was run from in this page; empty for others. */
  document: string
  title: string
  group: string
  state: LiveState
  queued: number
  began: number
  ended: number
  /** Node that works now. */
  node: string
  nodes: Record<string, NodeRun>
  /** How many nodes are to run, if it is known. */
  total: number
  /** The farthest that it was seen at, 0..1. */
  reached: number
  /** Seconds that nodes are going to take, by what they took before; empty: nobody knows. */
  weights: Record<string, number>
  /** Object URLs of the previews so far, the oldest first; at most PREVIEWS. */
  previews: string[]
  /** Files by node, as they came. */
  outputs: { node: string; file: SavedFile }[]
  /** Texts by node. */
  texts: Record<string, string[]>
  failure: JobFailure | null
}

export const PREVIEWS = 64
const KEPT_JOBS = 60

interface Jobs {
  jobs: Record<string, LiveJob>
  /** Newest last. */
  order: string[]
  /** How many the server has waiting and running. */
  remaining: number
}

export const useJobs = create<Jobs>(() => ({ jobs: {}, order: [], remaining: 0 }))

export const useJob = (id: string): LiveJob | undefined => useJobs((state) => state.jobs[id])

/** Ids of the jobs that a document started in this page, the newest last. */
export const jobsOfDocument = (state: Jobs, document: string): LiveJob[] =>
  state.order.map((id) => state.jobs[id]!).filter((job) => job.document === document)

export const isLive = (job: LiveJob): boolean => job.state === 'waiting' || job.state === 'running'

/** 0..1. It never goes back, though what is to come is only known bit by bit. */
export const progressOf = (job: LiveJob): number =>
  isLive(job) ? job.reached : job.state === 'succeeded' ? 1 : 0

/** From which part on a job's own pace says more than what its nodes took before. */
const PACE_FROM = 0.1

/** Seconds until a job that runs is done: by its pace, before that by what its nodes took; undefined while nobody can know. */
export function secondsLeft(job: LiveJob, now = Date.now()): number | undefined {
  if (job.state !== 'running' || !job.began) return undefined
  const spent = (now - job.began) / 1000
  if (job.reached >= PACE_FROM && spent >= 1) return (spent * (1 - job.reached)) / job.reached
  const { left, whole } = weighed(job)
  // Once it took longer than ever before, what it took before says nothing.
  return whole > 0 && spent <= whole ? Math.max(left, whole - spent) : undefined
}

/** Seconds of work that a job has left, and those of all of it, by what its nodes took before. */
function weighed(job: LiveJob): { left: number; whole: number } {
  let left = 0
  let whole = 0
  for (const [node, seconds] of Object.entries(job.weights)) {
    const run = job.nodes[node]
    if (run?.state === 'cached') continue
    whole += seconds
    if (run?.state === 'done') continue
    left += seconds * (1 - (run && run.max > 0 ? Math.min(1, run.value / run.max) : 0))
  }
  return { left, whole }
}

/** How far a job is: by what its nodes took before, else by those that are done and the steps of the one that runs. */
function reachedBy(job: LiveJob): number {
  const { left, whole } = weighed(job)
  const isMeasured = Object.entries(job.nodes).every(
    ([id, run]) => run.state === 'cached' || id in job.weights,
  )
  if (whole > 0 && isMeasured) return 1 - left / whole
  // Messages may come before it is known how many nodes there are.
  if (job.total === 0) return 0
  // What is remembered takes no time and says nothing of the rest.
  const all = Object.values(job.nodes)
  const runs = all.filter((run) => run.state !== 'cached')
  const total = Math.max(job.total - (all.length - runs.length), runs.length, 1)
  // A node with steps is where the time goes: it weighs as much as all others together.
  let done = 0
  let weight = 0
  for (const run of runs) {
    const heavy = run.max > 1 ? total : 1
    weight += heavy
    if (run.state === 'done') done += heavy
    else if (run.state === 'running' && run.max > 0) done += heavy * (run.value / run.max)
  }
  weight += Math.max(0, total - runs.length)
  return Math.min(1, done / Math.max(weight, 1))
}

/** Says that a job was queued from this page, before the first message of it comes. */
export function trackJob(given: Pick<LiveJob, 'id' | 'document' | 'title' | 'group' | 'total'>): void {
  useJobs.setState((state) => {
    const known = state.jobs[given.id]
    const job = known ? { ...known, ...given } : { ...blank(given.id), ...given }
    return add(state, job)
  })
}

/** Takes over what the server's lists say of jobs: those that ran before this page was loaded, and how they ended. */
export function adoptJobs(given: (Partial<LiveJob> & { id: string })[]): void {
  useJobs.setState((state) => {
    const next = { ...state, jobs: { ...state.jobs } }
    for (const said of given) change(next, said.id, (job) => ({ ...job, ...said }))
    return next
  })
}

const blank = (id: string): LiveJob => ({
  id,
  document: '',
  title: '',
  group: '',
  state: 'waiting',
  queued: Date.now(),
  began: 0,
  ended: 0,
  node: '',
  nodes: {},
  total: 0,
  reached: 0,
  weights: {},
  previews: [],
  outputs: [],
  texts: {},
  failure: null,
})

function add(state: Jobs, job: LiveJob): Pick<Jobs, 'jobs' | 'order'> {
  const order = state.jobs[job.id] ? state.order : [...state.order, job.id]
  const jobs = { ...state.jobs, [job.id]: job }
  const surplus = order.length - KEPT_JOBS
  if (surplus <= 0) return { jobs, order }
  const dropped = order.filter((id) => jobs[id] && !isLive(jobs[id]!)).slice(0, surplus)
  for (const id of dropped) {
    for (const url of jobs[id]!.previews) URL.revokeObjectURL(url)
    delete jobs[id]
  }
  return { jobs, order: order.filter((id) => jobs[id]) }
}

/** Takes the messages of one screen frame in. */
export function takeMessages(messages: Incoming[], client: QueryClient): void {
  let queueChanged = false
  let galleryChanged = false
  let modelsChanged = false
  useJobs.setState((state) => {
    const next = { ...state, jobs: { ...state.jobs }, order: state.order }
    for (const message of messages) {
      if (message.type === 'status' || message.type === 'limner_queue') queueChanged = true
      if (message.type === 'executed' || message.type === 'limner_gallery') galleryChanged = true
      if (message.type === 'limner_models') modelsChanged = true
      take(next, message)
    }
    return next
  })
  if (queueChanged) refreshQueue(client)
  if (galleryChanged) void client.invalidateQueries({ queryKey: GALLERY })
  if (modelsChanged) {
    // Pickers read their lists from the definitions of nodes, so that new files show in those that are open.
    void client.invalidateQueries({ queryKey: MODELS })
    void client.invalidateQueries({ queryKey: DEFINITIONS })
  }
}

/** Between two readings of the queue's lists, however much happens. */
const REST = 300
let resting = false
let again = false

/** Has the queue's lists read again: at once, and once more after a rest if it was asked for meanwhile. */
export function refreshQueue(client: QueryClient): void {
  if (resting) {
    again = true
    return
  }
  resting = true
  again = false
  void client.invalidateQueries({ queryKey: QUEUE })
  setTimeout(() => {
    resting = false
    if (again) refreshQueue(client)
  }, REST)
}

function take(state: Jobs, message: Incoming): void {
  if (isPreview(message)) {
    change(state, message.job, (job) => withPreview(job, message))
    return
  }
  if (message.type === 'status') {
    const info = (message.data.status as { exec_info?: { queue_remaining?: number } })?.exec_info
    if (typeof info?.queue_remaining === 'number') state.remaining = info.queue_remaining
    return
  }
  const reader = READERS[message.type]
  const id = message.data.prompt_id
  if (reader && typeof id === 'string') change(state, id, (job) => reader(job, message.data))
}

const isPreview = (message: Incoming): message is PreviewMessage => 'picture' in message

function change(state: Jobs, id: string, next: (job: LiveJob) => LiveJob): void {
  if (!id) return
  const job = next(state.jobs[id] ?? blank(id))
  Object.assign(state, add(state, { ...job, reached: Math.max(job.reached, reachedBy(job)) }))
}

function withPreview(job: LiveJob, message: PreviewMessage): LiveJob {
  const previews = [...job.previews, URL.createObjectURL(message.picture)]
  // Every other one of the older half goes, so that the way from noise to picture stays whole.
  if (previews.length > PREVIEWS) {
    const [dropped] = previews.splice(1 + 2 * Math.floor(Math.random() * (PREVIEWS / 4)), 1)
    if (dropped) URL.revokeObjectURL(dropped)
  }
  return { ...job, previews }
}

type Reader = (job: LiveJob, data: Message['data']) => LiveJob

const READERS: Record<string, Reader> = {
  execution_start: (job) => ({ ...job, state: 'running', began: Date.now() }),
  execution_cached: (job, data) => {
    const nodes = { ...job.nodes }
    for (const node of (data.nodes as string[]) ?? [])
      nodes[node] = { state: 'cached', value: 1, max: 1, began: 0 }
    return { ...job, nodes }
  },
  executing: (job, data) => {
    if (typeof data.node !== 'string') return job
    return {
      ...job,
      state: 'running',
      began: job.began || Date.now(),
      node: data.node,
      nodes: begun(job, data.node),
    }
  },
  progress_state: (job, data) => ({ ...job, nodes: withStates(job, data.nodes as Record<string, RawState>) }),
  progress: (job, data) => {
    const node = String(data.node ?? job.node)
    const run = job.nodes[node] ?? freshRun()
    const value = Number(data.value)
    return {
      ...job,
      node,
      nodes: { ...job.nodes, [node]: { ...run, state: 'running', value, max: Number(data.max) } },
    }
  },
  progress_text: (job, data) => {
    const node = String(data.node ?? '')
    const run = job.nodes[node] ?? freshRun()
    return { ...job, nodes: { ...job.nodes, [node]: { ...run, text: String(data.text ?? '') } } }
  },
  executed: (job, data) => withOutput(job, String(data.node), (data.output ?? {}) as Record<string, unknown>),
  execution_success: (job) => ended(job, 'succeeded'),
  execution_interrupted: (job) => ended(job, 'interrupted'),
  execution_error: (job, data) => {
    const node = String(data.node_id ?? '')
    const run = job.nodes[node] ?? freshRun()
    const failure: JobFailure = {
      node,
      nodeType: String(data.node_type ?? ''),
      message: String(data.exception_message ?? ''),
      type: String(data.exception_type ?? ''),
      traceback: (data.traceback as string[]) ?? [],
    }
    return { ...ended(job, 'failed'), failure, nodes: { ...job.nodes, [node]: { ...run, state: 'failed' } } }
  },
}

const freshRun = (): NodeRun => ({ state: 'running', value: 0, max: 0, began: Date.now() })

function begun(job: LiveJob, node: string): Record<string, NodeRun> {
  const nodes = { ...job.nodes }
  for (const [id, run] of Object.entries(nodes)) {
    if (run.state === 'running' && id !== node)
      nodes[id] = { ...run, state: 'done', took: Date.now() - run.began }
  }
  nodes[node] = nodes[node]?.state === 'running' ? nodes[node] : freshRun()
  return nodes
}

interface RawState {
  value?: number
  max?: number
  state?: string
}

const STATES: Record<string, NodeRun['state']> = {
  pending: 'waiting',
  running: 'running',
  finished: 'done',
  error: 'failed',
}

function withStates(job: LiveJob, said: Record<string, RawState> = {}): Record<string, NodeRun> {
  const nodes = { ...job.nodes }
  for (const [id, raw] of Object.entries(said)) {
    const run = nodes[id] ?? freshRun()
    if (run.state === 'cached') continue
    const state = STATES[raw.state ?? ''] ?? run.state
    const took = state === 'done' && run.took === undefined ? Date.now() - run.began : run.took
    nodes[id] = {
      ...run,
      state,
      value: raw.value ?? run.value,
      max: raw.max ?? run.max,
      ...(took ? { took } : {}),
    }
  }
  return nodes
}

function withOutput(job: LiveJob, node: string, output: Record<string, unknown>): LiveJob {
  const files = Object.entries(output).flatMap(([media, list]) =>
    Array.isArray(list) ? list.filter(isFile).map((file) => ({ node, file: { ...file, media } })) : [],
  )
  const texts = Array.isArray(output.text) ? { ...job.texts, [node]: output.text.map(String) } : job.texts
  return { ...job, outputs: [...job.outputs, ...files], texts }
}

const isFile = (item: unknown): item is SavedFile =>
  typeof item === 'object' && item !== null && typeof (item as SavedFile).filename === 'string'

function ended(job: LiveJob, state: LiveState): LiveJob {
  const nodes = { ...job.nodes }
  for (const [id, run] of Object.entries(nodes)) {
    if (run.state === 'running') nodes[id] = { ...run, state: 'done', took: Date.now() - run.began }
  }
  return { ...job, state, ended: Date.now(), node: '', nodes }
}
