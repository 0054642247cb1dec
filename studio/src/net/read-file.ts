/** What the server finds in a file or a text: a workflow, what was run, settings by role. */
import { readJson, send } from './api'

export interface Found {
  kind: 'workflow' | 'prompt' | 'settings' | 'nothing'
  workflow?: unknown
  prompt?: unknown
  settings?: Record<string, unknown>
  infotext?: string
  source?: string
  /** A sentence about what could not be read. */
  note?: string
}

export async function readFile(what: Blob | string): Promise<Found> {
  const answer = await send('POST', '/limner/read', what, {
    headers: { 'Content-Type': 'application/octet-stream' },
  })
  return (await readJson(answer)) as Found
}
