/** Runs a document: sends its workflow to the queue and follows the jobs that come of it. */
import { create } from 'zustand'
import { advanceSeeds, NEXT_SEED } from '@/doc/seeds'
import type { Workflow } from '@/doc/workflow'
import { ApiError, postJson } from '@/net/api'
import { client } from './connection'
import { edit, type OpenDocument, useDocuments } from './documents'
import { trackJob } from './jobs'

export interface RunWish {
  /** How many jobs, each with the next seed. */
  count?: number
  /** Before everything that waits. */
  front?: boolean
  /** Output nodes to run; all if there are none. */
  targets?: string[]
  /** A name for what is run together. */
  group?: string
  /** What is run in place of the document's own workflow (a crop of the canvas, one cell of a table). */
  workflow?: Workflow
  title?: string
}

/** What is wrong with a node: shown at the node and its field. */
export interface NodeProblem {
  node: string
  /** The input it is about; empty: the node. */
  input: string
  code: string
  message: string
}

export interface Refused {
  message: string
  problems: NodeProblem[]
}

interface Runs {
  /** Why the last run of a document was refused; absent if it was not. */
  refused: Record<string, Refused>
}

export const useRefusals = create<Runs>(() => ({ refused: {} }))

export const forgetRefusal = (document: string): void =>
  useRefusals.setState((state) => {
    const { [document]: _, ...refused } = state.refused
    return { refused }
  })

/** Queues a document's workflow. Resolves to the ids of its jobs; none if it was refused (see `useRefusals`). */
export async function run(id: string, wish: RunWish = {}): Promise<string[]> {
  const document = useDocuments.getState().open[id]
  if (!document) return []
  const count = Math.max(1, wish.count ?? 1)
  const group = wish.group ?? (count > 1 ? newId() : '')
  const jobs: string[] = []
  let workflow = wish.workflow ?? document.workflow
  forgetRefusal(id)
  for (let turn = 0; turn < count; turn += 1) {
    try {
      jobs.push(await submit(document, workflow, { ...wish, group }))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      useRefusals.setState((state) => ({ refused: { ...state.refused, [id]: readRefused(error) } }))
      break
    }
    workflow = advanceSeeds(workflow)
  }
  if (!wish.workflow && jobs.length > 0) edit(id, { label: NEXT_SEED, silent: true }, () => workflow)
  return jobs
}

async function submit(
  document: OpenDocument,
  workflow: Workflow,
  wish: RunWish & { group: string },
): Promise<string> {
  const title = wish.title ?? document.title
  const answer = await postJson<{ prompt_id: string }>('/prompt', {
    client_id: client,
    prompt: workflow,
    ...(wish.front ? { front: true } : {}),
    ...(wish.targets?.length ? { partial_execution_targets: wish.targets } : {}),
    extra_data: {
      preview_method: 'auto',
      // Wildcards in texts are drawn by the server, so that the picture tells what was drawn.
      limner: { title, document: document.id, expand: true, ...(wish.group ? { group: wish.group } : {}) },
    },
  })
  trackJob({
    id: answer.prompt_id,
    document: document.id,
    title,
    group: wish.group,
    total: workflow.nodes.filter((node) => (node.mode ?? 0) === 0).length,
  })
  return answer.prompt_id
}

interface RawProblem {
  type?: string
  message?: string
  details?: string
  extra_info?: { input_name?: string }
}

/** What a refusal says of nodes, and of the whole. */
export function readRefused(error: ApiError): Refused {
  const nodes =
    (error.body as { node_errors?: Record<string, { errors?: RawProblem[] }> } | undefined)?.node_errors ?? {}
  const problems = Object.entries(nodes).flatMap(([node, { errors = [] }]) =>
    errors.map((problem) => ({
      node,
      input: problem.extra_info?.input_name ?? '',
      code: problem.type ?? '',
      message: [problem.message, problem.details].filter(Boolean).join(': '),
    })),
  )
  return { message: error.message, problems }
}

/** Stops a job, wherever it stands. */
export const cancelJob = (job: string): Promise<unknown> =>
  postJson(`/api/jobs/${encodeURIComponent(job)}/cancel`)

/** Stops several. */
export const cancelJobs = (jobs: string[]): Promise<unknown> =>
  postJson('/api/jobs/cancel', { job_ids: jobs })

/** A name for what is run together. */
export const newId = (): string =>
  crypto.randomUUID?.() ?? `${Date.now().toString(16)}-${Math.random().toString(16).slice(2)}`
