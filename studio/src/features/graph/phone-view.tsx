import { useState } from 'react'
import { t } from '@/i18n/text'
import { Segmented } from '@/ui/segmented'
import { GraphPicture } from './canvas/graph-picture'
import { Outline } from './panels/outline'
import { Picker } from './panels/picker'
import { useProblemFocus } from './problems/problem-focus'
import { useProblems } from './problems/problems'
import { ProblemsPanel } from './problems/problems-panel'
import { useProblemWatch } from './problems/use-problem-watch'
import { useRunsGraph } from './running/run-target'
import { useScope } from './state/scope'

type Tab = 'values' | 'picture' | 'problems'

/** The graph on a phone: its values as a list, and a picture of it that can be looked at. */
export function PhoneView() {
  const [tab, setTab] = useState<Tab>('values')
  const problems = useProblems()
  const scope = useScope()
  useRunsGraph()
  useProblemWatch(scope.document)
  const asked = useProblemFocus((state) => state.open)
  const options: { value: Tab; label: string }[] = [
    { value: 'values', label: t('Values') },
    { value: 'picture', label: t('Picture') },
    ...(problems.length > 0 || asked
      ? [{ value: 'problems' as const, label: t('{{count}} problems', { count: problems.length }) }]
      : []),
  ]
  return (
    <div className="flex size-full flex-col">
      <div className="flex shrink-0 border-b bg-surface p-2">
        <Segmented label={t('View')} value={tab} onChange={setTab} segments={options} className="w-full" />
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        {tab === 'values' ? <Outline open media /> : tab === 'picture' ? <GraphPicture /> : <ProblemsPanel />}
      </div>
      <Picker />
    </div>
  )
}
