/** What the last job of the document says of a node: its state, progress, previews, outputs. */
import { useShallow } from 'zustand/react/shallow'
import { isLive, type JobFailure, jobsOfDocument, type LiveJob, type NodeRun, useJobs } from '@/app/jobs'
import { type NodeProblem, useRefusals } from '@/app/run'
import type { SavedFile } from '@/net/files'
import { fullId, useScope } from '../state/scope'

type JobsState = ReturnType<typeof useJobs.getState>

export interface ShownRun {
  state: NodeRun['state'] | ''
  /** 0..1 while it has steps. */
  progress: number
  took: number
  text: string
}

const NOTHING: ShownRun = { state: '', progress: 0, took: 0, text: '' }
let last: { state: JobsState; document: string; job: LiveJob | undefined } | undefined

/** The job that is shown at the nodes: the one that runs, else the newest. */
export function shownJob(state: JobsState, document: string): LiveJob | undefined {
  if (last?.state === state && last.document === document) return last.job
  const jobs = jobsOfDocument(state, document)
  const job = jobs.find((other) => other.state === 'running') ?? jobs.at(-1)
  last = { state, document, job }
  return job
}

function runIn(job: LiveJob | undefined, id: string): ShownRun {
  if (!job) return NOTHING
  const own = job.nodes[id]
  if (own) return readRun(job, own)
  const inside = Object.entries(job.nodes).filter(([other]) => other.startsWith(`${id}:`))
  if (inside.length === 0) return job.state === 'waiting' ? { ...NOTHING, state: 'waiting' } : NOTHING
  const runs = inside.map(([, run]) => run)
  const running = runs.find((run) => run.state === 'running')
  const failed = runs.find((run) => run.state === 'failed')
  if (running || failed) return readRun(job, (running ?? failed)!)
  const done = runs.every((run) => run.state === 'done' || run.state === 'cached')
  const took = runs.reduce((sum, run) => sum + (run.took ?? 0), 0)
  return { ...NOTHING, state: done && !isLive(job) ? 'done' : 'running', took }
}

const readRun = (job: LiveJob, run: NodeRun): ShownRun => ({
  state: run.state === 'waiting' && !isLive(job) ? '' : run.state,
  progress: run.state === 'running' && run.max > 1 ? run.value / run.max : 0,
  took: run.took ?? 0,
  text: run.text ?? '',
})

/** A node's state in the job that is shown. */
export function useNodeRun(id: string): ShownRun {
  const scope = useScope()
  const full = fullId(scope, id)
  return useJobs(useShallow((state) => runIn(shownJob(state, scope.document), full)))
}

/** The newest preview of a node while it works; empty if there is none. */
export function useNodePreview(id: string): string {
  const scope = useScope()
  const full = fullId(scope, id)
  return useJobs((state) => {
    const job = shownJob(state, scope.document)
    if (job?.state !== 'running') return ''
    return job.node === full || job.node.startsWith(`${full}:`) ? (job.previews.at(-1) ?? '') : ''
  })
}

/** Files that a node gave last. */
export function useNodeFiles(id: string): SavedFile[] {
  const scope = useScope()
  const full = fullId(scope, id)
  return useJobs(
    useShallow((state) => {
      for (const job of jobsOfDocument(state, scope.document).reverse()) {
        const files = job.outputs.filter(({ node }) => node === full || node.startsWith(`${full}:`))
        if (files.length > 0) return files.map(({ file }) => file)
      }
      return []
    }),
  )
}

/** Texts that a node gave last. */
export function useNodeTexts(id: string): string[] {
  const scope = useScope()
  const full = fullId(scope, id)
  return useJobs(
    useShallow((state) => {
      for (const job of jobsOfDocument(state, scope.document).reverse()) {
        const texts = job.texts[full]
        if (texts) return texts
      }
      return []
    }),
  )
}

/** Ids of the nodes in a scope that have something to show below their widgets, as one text that can be compared. */
export function mediaIds(state: JobsState, document: string, path: readonly string[]): string {
  const prefix = path.length > 0 ? `${path.join(':')}:` : ''
  const found = new Set<string>()
  const add = (node: string) => {
    if (node.startsWith(prefix)) found.add(node.slice(prefix.length).split(':')[0]!)
  }
  for (const job of jobsOfDocument(state, document)) {
    for (const { node } of job.outputs) add(node)
    for (const node of Object.keys(job.texts)) add(node)
    if (job.state === 'running' && job.previews.length > 0) add(job.node)
  }
  return [...found].sort().join(' ')
}

/** Why a node's last run failed, if it did. */
export function useNodeFailure(id: string): JobFailure | null {
  const scope = useScope()
  const full = fullId(scope, id)
  return useJobs((state) => {
    const failure = shownJob(state, scope.document)?.failure
    return failure && (failure.node === full || failure.node.startsWith(`${full}:`)) ? failure : null
  })
}

/** What the server found wrong with a node when it was last asked to run it. */
export function useNodeRefusals(id: string): NodeProblem[] {
  const scope = useScope()
  const full = fullId(scope, id)
  return useRefusals(
    useShallow((state) =>
      (state.refused[scope.document]?.problems ?? []).filter(
        ({ node }) => node === full || node.startsWith(`${full}:`),
      ),
    ),
  )
}
