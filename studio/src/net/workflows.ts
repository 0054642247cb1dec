/** Saved workflows on the server, with versions. Who saves says which version that is based on; see `Conflict`. */
import { ApiError, getJson, postJson, readJson, remove, send } from './api'

export interface SavedWorkflow {
  name: string
  size: number
  /** Milliseconds since 1970. */
  modified: number
}

export interface WorkflowVersion {
  number: number
  saved: number
  size: number
}

/** What is there now, when somebody else saved in the meantime. */
export interface Theirs {
  name: string
  etag: string
  modified: number
  workflow: unknown
}

/** The file is not as it was believed to be. `theirs` is null if it was deleted. */
export class Conflict extends Error {
  override name = 'Conflict'
  constructor(
    readonly theirs: Theirs | null,
    message: string,
  ) {
    super(message)
  }
}

const ROOT = '/limner/workflows'
const pathOf = (name: string, rest = ''): string => `${ROOT}/${encodeURIComponent(name)}${rest}`

export const SAVED = ['workflows'] as const

export async function listSaved(): Promise<SavedWorkflow[]> {
  const { workflows } = await getJson<{ workflows: SavedWorkflow[] }>(ROOT)
  return workflows.map((entry) => ({ ...entry, modified: entry.modified * 1000 }))
}

export async function readSaved(name: string): Promise<{ workflow: unknown; tag: string }> {
  const answer = await send('GET', pathOf(name), undefined)
  return { workflow: await readJson(answer), tag: answer.headers.get('ETag') ?? '' }
}

/** What must be so for a file to be written: it has this tag; or there is none; or nothing at all. */
export type Condition = { tag: string } | 'new' | 'any'

/** Saves a workflow and returns its new tag. Throws a Conflict if the condition does not hold. */
export async function writeSaved(name: string, workflow: unknown, condition: Condition): Promise<string> {
  const headers: Record<string, string> =
    condition === 'new' ? { 'If-None-Match': '*' } : condition === 'any' ? {} : { 'If-Match': condition.tag }
  try {
    const answer = await send('PUT', pathOf(name), workflow, { headers })
    return answer.headers.get('ETag') ?? ''
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 412) throw error
    const { theirs } = (error.body ?? {}) as { theirs?: Theirs | null }
    throw new Conflict(theirs ? { ...theirs, modified: theirs.modified * 1000 } : null, error.message)
  }
}

export const moveSaved = (name: string, to: string): Promise<{ name: string }> =>
  postJson(pathOf(name, '/move'), { to })

/** Puts a workflow into the trash; returns what brings it back. */
export async function trashSaved(name: string): Promise<() => Promise<void>> {
  const { trashed } = await remove<{ trashed: string }>(pathOf(name))
  return async () => {
    await postJson(`/limner/workflow-trash/${encodeURIComponent(trashed)}/restore`)
  }
}

export async function listVersions(name: string): Promise<WorkflowVersion[]> {
  const { versions } = await getJson<{ versions: WorkflowVersion[] }>(pathOf(name, '/versions'))
  return versions.map((entry) => ({ ...entry, saved: entry.saved * 1000 }))
}

export const readVersion = (name: string, number: number): Promise<unknown> =>
  getJson(pathOf(name, `/versions/${number}`))

/** What is run of a workflow, in the API format. */
export async function convertToApi(workflow: unknown): Promise<Record<string, unknown>> {
  return (await postJson<{ prompt: Record<string, unknown> }>('/limner/convert', { workflow })).prompt
}
