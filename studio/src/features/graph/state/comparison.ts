/** The open document beside an earlier version of it: what came and what changed is marked at the nodes. */
import { create } from 'zustand'
import { useDocuments } from '@/app/documents'
import { type Difference, differencesOf } from '@/doc/differences'
import type { Workflow } from '@/doc/workflow'
import { knownDefinitions } from './known'
import { type Scope, useScope } from './scope'

interface Comparison {
  /** The document that is compared; empty: none is. */
  document: string
  /** What it is compared with, in words. */
  title: string
  before: Workflow | null
}

export const useComparison = create<Comparison>(() => ({ document: '', title: '', before: null }))

export const endComparison = (): void => useComparison.setState({ document: '', title: '', before: null })

const NONE: Difference[] = []
let last: { before: Workflow; after: Workflow; found: Difference[] } | undefined

function differences(before: Workflow, after: Workflow): Difference[] {
  if (last?.before === before && last.after === after) return last.found
  last = { before, after, found: differencesOf(before, after, knownDefinitions()) }
  return last.found
}

function shown(scope: Scope, { document, before }: Comparison, after: Workflow | undefined): Difference[] {
  return before && after && document === scope.document && scope.path.length === 0
    ? differences(before, after)
    : NONE
}

/** What differs, of the document that is shown; nothing while none is compared. */
export function useDifferences(): Difference[] {
  const scope = useScope()
  const comparison = useComparison()
  return useDocuments((state) => shown(scope, comparison, state.open[scope.document]?.workflow))
}

/** How a node is marked: `added`, `changed`, or empty. */
export function useDifference(id: string): string {
  const scope = useScope()
  const comparison = useComparison()
  return useDocuments((state) => {
    if (!comparison.document) return ''
    const found = shown(scope, comparison, state.open[scope.document]?.workflow)
    return found.find(({ node, kind }) => node === id && kind !== 'removed')?.kind ?? ''
  })
}
