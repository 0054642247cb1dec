/** What is being set up: the document, its axes, and what running them would mean. */
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useDocuments } from '@/app/documents'
import { readRole } from '@/doc/roles'
import { useDefinitions } from '@/net/definitions'
import { estimateRun } from '@/net/queue'
import {
  type Axis,
  type AxisDraft,
  cellsOf,
  countOf,
  MOST_CELLS,
  readDraft,
  SLOTS,
  sample,
  workflowOf,
} from './plan'
import { type AxisTarget, targetsOf } from './targets'

/** As many cells stand for all when the time is estimated. */
const SAMPLED = 5
/** Bytes of a finished picture for each of its pixels, about. */
const BYTES = 1.5

export interface Setup {
  document: string
  choose: (document: string) => void
  targets: AxisTarget[]
  drafts: (AxisDraft | null)[]
  change: (slot: number, draft: AxisDraft | null) => void
  axes: (Axis | null)[]
  count: number
  /** Why it cannot start; empty: it can. */
  reason: 'none' | 'axes' | 'values' | 'many' | ''
  /** Milliseconds, or undefined while nobody knows. */
  expected: number | undefined
  bytes: number
}

export function useSetup(): Setup {
  const active = useDocuments((state) => state.active)
  const [chosen, choose] = useState('')
  const document = useDocuments((state) => (state.open[chosen] ? chosen : active))
  const workflow = useDocuments((state) => state.open[document]?.workflow)
  const { definitions } = useDefinitions()
  const [drafts, setDrafts] = useState<(AxisDraft | null)[]>(() => [
    { target: '', mode: 'values', text: '' },
    null,
    null,
    null,
  ])
  const targets = useMemo(
    () => (workflow && definitions ? targetsOf(workflow, definitions) : []),
    [workflow, definitions],
  )
  const { axes, broken } = useMemo(() => axesOf(drafts, targets), [drafts, targets])
  const count = countOf(axes)
  const any = axes.some((axis) => axis !== null)
  const reason = !workflow ? 'none' : broken ? 'values' : !any ? 'axes' : count > MOST_CELLS ? 'many' : ''
  const { data: each } = useQuery({
    queryKey: ['expected', 'compare', document, JSON.stringify(axes)],
    queryFn: async ({ signal }) => {
      const cells = sample(cellsOf(axes), SAMPLED)
      const found = await Promise.all(
        cells.map((cell) => estimateRun(workflowOf(workflow!, definitions!, axes, cell), signal)),
      )
      const known = found.flatMap(({ seconds }) => (seconds === null ? [] : [seconds * 1000]))
      return known.length > 0 ? known.reduce((sum, one) => sum + one, 0) / known.length : null
    },
    enabled: reason === '' && workflow !== undefined && definitions !== undefined,
    retry: false,
  })
  const pixels = useMemo(() => {
    if (!workflow || !definitions) return 0
    const [width, height] = ['size.width', 'size.height'].map((role) =>
      Number(readRole(workflow, definitions, role)),
    )
    return width! * height! || 0
  }, [workflow, definitions])
  return {
    document,
    choose,
    targets,
    drafts,
    change: (slot, draft) => setDrafts((known) => known.map((one, at) => (at === slot ? draft : one))),
    axes,
    count,
    reason,
    expected: each ? each * count : undefined,
    bytes: pixels * BYTES * count,
  }
}

function axesOf(
  drafts: readonly (AxisDraft | null)[],
  targets: AxisTarget[],
): { axes: (Axis | null)[]; broken: boolean } {
  let broken = false
  const axes = Array.from({ length: SLOTS }, (_, slot): Axis | null => {
    const draft = drafts[slot]
    const target = draft && targets.find((one) => one.id === draft.target)
    if (!draft || !target || !draft.text.trim()) return null
    const result = readDraft(draft, target)
    if (result.problem) {
      broken = true
      return null
    }
    return { label: target.label, role: target.role, places: target.places, values: result.values }
  })
  return { axes, broken }
}
