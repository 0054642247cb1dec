/** Asks for the cells of a comparison, one after another; what was asked for before is found again and not asked twice. */
import { client, queries } from '@/app/connection'
import { refreshQueue, trackJob } from '@/app/jobs'
import type { Definitions } from '@/doc/definitions'
import { ApiError, postJson } from '@/net/api'
import { type JobRow, listJobs } from '@/net/queue'
import { changeCell, changeComparison, useComparisons } from './comparisons'
import { type Coordinates, captionOf, cellsOf, keyOf, workflowOf } from './plan'

const running = new Set<string>()

/**
 * Asks for all cells that have no job yet. Ends early if the server is gone; called again it goes on from there.
 * Resolves to false if it could not ask for all of them.
 */
export async function askForCells(id: string, definitions: Definitions): Promise<boolean> {
  if (running.has(id)) return true
  running.add(id)
  try {
    await findAgain(id)
    const comparison = useComparisons.getState().known[id]
    for (const cell of comparison ? cellsOf(comparison.axes) : []) {
      const now = useComparisons.getState().known[id]
      if (!now || now.stopped) return false
      const known = now.cells[keyOf(cell)]
      if (!known?.job && !known?.problem) await ask(id, cell, definitions)
    }
    return true
  } catch (error) {
    if (error instanceof ApiError && error.offline) return false
    throw error
  } finally {
    running.delete(id)
    refreshQueue(queries)
  }
}

/** Asks for one cell (again); what is wrong with it is kept with it. */
export async function ask(id: string, cell: Coordinates, definitions: Definitions): Promise<void> {
  const comparison = useComparisons.getState().known[id]
  if (!comparison) return
  const workflow = workflowOf(comparison.base, definitions, comparison.axes, cell)
  const title = captionOf(comparison.axes, cell)
  try {
    const answer = await postJson<{ prompt_id: string }>('/prompt', {
      client_id: client,
      prompt: workflow,
      extra_data: {
        preview_method: 'auto',
        limner: { title, group: id, group_title: comparison.title, document: comparison.document, cell },
      },
    })
    const job = answer.prompt_id
    trackJob({ id: job, document: '', title, group: id, total: workflow.nodes.length })
    changeCell(id, keyOf(cell), { job, files: [], problem: undefined })
  } catch (error) {
    if (!(error instanceof ApiError) || error.offline) throw error
    changeCell(id, keyOf(cell), { job: '', problem: problemOf(error) })
  }
}

/** Jobs of the group that the server has: of cells that were asked for just before the page was left. */
async function findAgain(id: string): Promise<void> {
  const { jobs } = await listJobs({ group: id, limit: 1_000 })
  takeRows(id, jobs)
}

/** Takes over what the server says of a comparison's jobs. */
export function takeRows(id: string, rows: readonly JobRow[]): void {
  changeComparison(id, (known) => {
    const cells = { ...known.cells }
    let changed = false
    const taken = new Set<string>()
    for (const row of rows) {
      const key = row.cell && keyOf(row.cell)
      // Rows come newest first: of a cell that was tried again the last try counts.
      if (!key || taken.has(key)) continue
      taken.add(key)
      const cell = cells[key]
      const files = row.outputs.map(({ node: _, ...file }) => file)
      const problem = row.error?.message
      const same = cell?.job === row.id && cell.files.length === files.length && cell.problem === problem
      if (same) continue
      cells[key] = { ...cell, job: row.id, files, problem }
      changed = true
    }
    return changed ? { ...known, cells } : known
  })
}

function problemOf(error: ApiError): string {
  const nodes = (error.body as { node_errors?: Record<string, { errors?: { details?: string }[] }> })
    ?.node_errors
  const details = Object.values(nodes ?? {}).flatMap((node) => node.errors?.map((one) => one.details) ?? [])
  return details[0] || error.message
}
