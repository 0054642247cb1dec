import { useLayoutEffect, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { Panel } from '@/ui/panel'
import { AddNode } from './adding/add-node'
import { settleZoom } from './canvas/detail'
import { firstView } from './canvas/first-view'
import { FlowView } from './canvas/flow-view'
import { Minimap } from './canvas/minimap'
import { usePasting } from './canvas/use-pasting'
import { ConnectDialog } from './editing/connect-dialog'
import { ComparisonBar } from './panels/comparison-bar'
import { useGraphCommands } from './panels/graph-commands'
import { GraphMenu } from './panels/graph-menu'
import { GraphToolbar } from './panels/graph-toolbar'
import { LeftPanel } from './panels/left-panel'
import { NodeHelp } from './panels/node-help'
import { Picker } from './panels/picker'
import { useProblemFocus } from './problems/problem-focus'
import { ProblemsPanel } from './problems/problems-panel'
import { useProblemWatch } from './problems/use-problem-watch'
import { useRunsGraph } from './running/run-target'
import { type View, viewKey } from './state/graph-store'
import { usePanels } from './state/panels'
import { bodyOf, useScope } from './state/scope'
import { useKnown } from './state/values'

/** The editor: the graph in the middle, panels beside it, never over it. */
export function GraphEditor() {
  const { left, help, hidden, minimap } = usePanels()
  const problems = useProblemFocus((state) => state.open)
  useGraphCommands()
  useRunsGraph()
  useProblemWatch(useScope().document)
  usePasting()
  return (
    <div className="flex size-full flex-col">
      <GraphToolbar />
      <ComparisonBar />
      <div className="flex min-h-0 flex-1">
        {left && !hidden ? (
          <Panel
            name="graph.left"
            side="left"
            size={300}
            min={220}
            max={520}
            label={t('Outline and nodes')}
            className="flex flex-col"
          >
            <LeftPanel />
          </Panel>
        ) : null}
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="relative flex min-h-0 flex-1">
            <SizedFlow />
            {minimap && !hidden ? <Minimap /> : null}
          </div>
          {problems && !hidden ? (
            <Panel name="graph.problems" side="bottom" size={220} min={120} max={480} label={t('Problems')}>
              <ProblemsPanel />
            </Panel>
          ) : null}
        </div>
        {help && !hidden ? (
          <Panel name="graph.help" side="right" size={300} min={220} max={520} label={t('Help')}>
            <NodeHelp />
          </Panel>
        ) : null}
      </div>
      <AddNode />
      <ConnectDialog />
      <GraphMenu />
      <Picker />
    </div>
  )
}

/** The graph, mounted once its room is known: the first thing that is drawn is drawn at its place. */
function SizedFlow() {
  const scope = useScope()
  const known = useKnown()
  const room = useRef<HTMLDivElement>(null)
  const key = viewKey(scope.document, scope.path)
  const [start, setStart] = useState<{ key: string; view: View } | null>(null)
  useLayoutEffect(() => {
    const body = bodyOf(scope)
    const element = room.current
    if (!body || !element) return
    const view = firstView(body, known, key, [element.clientWidth, element.clientHeight])
    settleZoom(view.zoom)
    setStart({ key, view })
  }, [key, scope, known])
  return (
    <div ref={room} className="flex min-h-0 min-w-0 flex-1">
      {start?.key === key ? <FlowView key={key} view={start.view} /> : null}
    </div>
  )
}
