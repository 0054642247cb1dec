/** What the Run button says and does while a graph is open: everything, or the outputs that are selected. */
import { useMemo } from 'react'
import { useDocuments } from '@/app/documents'
import { run } from '@/app/run'
import { useRuns } from '@/app/run-target'
import { t } from '@/i18n/text'
import { useGraph } from '../state/graph-store'
import { fullId, nodesById, useBody, useScope } from '../state/scope'
import { useKnown } from '../state/values'

export function useRunsGraph(): void {
  const scope = useScope()
  const known = useKnown()
  const selected = useGraph((state) => state.selected)
  const targets =
    useBody((body) => {
      const nodes = nodesById(body.nodes)
      return [...selected]
        .filter((id) => known.get(nodes.get(id)?.type ?? '')?.isOutput && (nodes.get(id)?.mode ?? 0) === 0)
        .map((id) => fullId(scope, id))
        .join(' ')
    }) ?? ''
  const outputs =
    useDocuments(
      (state) =>
        state.open[scope.document]?.workflow.nodes.filter(
          (node) => known.get(node.type)?.isOutput && (node.mode ?? 0) === 0,
        ).length,
    ) ?? 0
  const target = useMemo(() => {
    const chosen = targets.split(' ').filter(Boolean)
    const part = chosen.length > 0 && chosen.length < outputs
    return {
      label: part ? t('Run {{some}} of {{all}} outputs', { some: chosen.length, all: outputs }) : t('Run'),
      run: (wish: Parameters<typeof run>[1]) =>
        run(scope.document, part && !wish?.targets?.length ? { ...wish, targets: chosen } : wish),
    }
  }, [targets, outputs, scope.document])
  useRuns(target)
}
