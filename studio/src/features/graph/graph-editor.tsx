import { useLayoutEffect, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { Panel } from '@/ui/panel'
import { AddNode } from './add-node'
import { ConnectDialog } from './connect-dialog'
import { settleZoom } from './detail'
import { firstView } from './first-view'
import { FlowView } from './flow-view'
import { useGraphCommands } from './graph-commands'
import { GraphMenu } from './graph-menu'
import { type View, viewKey } from './graph-store'
import { GraphToolbar } from './graph-toolbar'
import { LeftPanel } from './left-panel'
import { Minimap } from './minimap'
import { NodeHelp } from './node-help'
import { usePanels } from './panels'
import { Picker } from './picker'
import { useProblemFocus } from './problem-focus'
import { ProblemsPanel } from './problems-panel'
import { useRunsGraph } from './run-target'
import { bodyOf, useScope } from './scope'
import { usePasting } from './use-pasting'
import { useProblemWatch } from './use-problem-watch'
import { useKnown } from './values'

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
