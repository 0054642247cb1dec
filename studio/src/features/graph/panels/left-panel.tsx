import { t } from '@/i18n/text'
import { Tabs } from '@/ui/tabs'
import { NodeLibrary } from '../adding/node-library'
import { type LeftTab, setPanels, usePanels } from '../state/panels'
import { Outline } from './outline'

/** Left of the graph: all nodes as a list with their fields, and the nodes that can be added. */
export function LeftPanel() {
  const { leftTab } = usePanels()
  return (
    <Tabs<LeftTab>
      value={leftTab}
      onChange={(tab) => setPanels({ leftTab: tab })}
      label={t('Outline and nodes')}
      tabs={[
        { value: 'outline', label: t('Outline') },
        { value: 'library', label: t('Node library') },
      ]}
      className="h-full"
    >
      {leftTab === 'outline' ? <Outline /> : <NodeLibrary />}
    </Tabs>
  )
}
