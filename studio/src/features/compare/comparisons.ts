/**
 * Comparisons, kept in this browser: what is compared, which cells were asked for, what came of them.
 *
 * Their jobs are the server's, as one group; a comparison finds them again by its own id, after a reload or a restart.
 */
import { createStore, del, entries, get, set } from 'idb-keyval'
import { create } from 'zustand'
import type { Workflow } from '@/doc/workflow'
import type { SavedFile } from '@/net/files'
import type { Axis } from './plan'

export interface CellRecord {
  /** Its job; empty: not asked for yet. */
  job: string
  files: SavedFile[]
  /** Why it was refused or failed. */
  problem?: string
  starred?: boolean
}

export interface Comparison {
  id: string
  title: string
  created: number
  /** The open document that it was made of. */
  document: string
  base: Workflow
  axes: (Axis | null)[]
  /** Which axis is shown across, down, page by page, and inside cells. */
  view: number[]
  /** By `keyOf`. */
  cells: Record<string, CellRecord>
  /** No further cells are asked for until it goes on. */
  stopped: boolean
}

const KEPT = 50
const store = () => createStore('limner-comparisons', 'comparisons')

interface Comparisons {
  known: Record<string, Comparison>
  loaded: boolean
}

export const useComparisons = create<Comparisons>(() => ({ known: {}, loaded: false }))

/** Reads those that are kept, once. */
export async function loadComparisons(): Promise<void> {
  if (useComparisons.getState().loaded) return
  const all = await entries<string, Comparison>(store()).catch(() => [])
  useComparisons.setState((state) => ({
    loaded: true,
    known: { ...Object.fromEntries(all), ...state.known },
  }))
  const old = all.map(([, one]) => one).sort((one, other) => other.created - one.created)
  for (const one of old.slice(KEPT)) void forgetComparison(one.id)
}

export async function readComparison(id: string): Promise<Comparison | undefined> {
  return useComparisons.getState().known[id] ?? (await get<Comparison>(id, store()).catch(() => undefined))
}

/** Keeps a comparison; without room in the browser it lives until the page is left. */
export function keepComparison(comparison: Comparison): void {
  useComparisons.setState((state) => ({ known: { ...state.known, [comparison.id]: comparison } }))
  void set(comparison.id, comparison, store()).catch(() => undefined)
}

export function changeComparison(id: string, change: (known: Comparison) => Comparison): void {
  const known = useComparisons.getState().known[id]
  if (!known) return
  const next = change(known)
  if (next !== known) keepComparison(next)
}

export const changeCell = (id: string, key: string, change: Partial<CellRecord>): void =>
  changeComparison(id, (known) => ({
    ...known,
    cells: { ...known.cells, [key]: { job: '', files: [], ...known.cells[key], ...change } },
  }))

export async function forgetComparison(id: string): Promise<void> {
  useComparisons.setState((state) => {
    const { [id]: _, ...known } = state.known
    return { known }
  })
  await del(id, store()).catch(() => undefined)
}
