import { PanelRight } from 'lucide-react'
import { type ReactNode, useMemo } from 'react'
import { useCommands } from '@/app/commands'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Panel } from '@/ui/panel'
import { usePreference } from '@/ui/remembered'
import { NARROW, useMedia } from '@/ui/use-media'
import { HistoryStrip } from './history-strip'

export interface WorkplaceProps {
  form: ReactNode
  stage: ReactNode
  narrow: boolean
  document: string
}

/** Where the parts of the screen stand: side by side, or, on a phone, the picture above the form. */
export function Workplace({ form, stage, narrow, document }: WorkplaceProps) {
  const [panels, showPanels] = usePreference('create.panels', true)
  const [wanted, showStrip] = usePreference('create.strip', true)
  const tight = useMedia(NARROW)
  const strip = wanted && !tight
  useCommands(
    useMemo(
      () => [
        {
          id: 'create.panels',
          label: t('Show or hide panels'),
          keys: 'f',
          group: t('Create'),
          run: () => showPanels(!panels),
        },
        {
          id: 'create.strip',
          label: t('Show or hide the history of this document'),
          group: t('Create'),
          run: () => showStrip(!wanted),
        },
      ],
      [panels, wanted, showPanels, showStrip],
    ),
  )
  if (narrow)
    return (
      <div className="flex h-full flex-col overflow-auto">
        <div className="shrink-0">{stage}</div>
        {form}
      </div>
    )
  return (
    <div className="flex h-full">
      {panels ? (
        <Panel
          name="create.form"
          side="left"
          size={360}
          min={300}
          max={560}
          label={t('Settings of the picture')}
        >
          {form}
        </Panel>
      ) : null}
      <div className="relative flex min-w-0 flex-1 flex-col">
        {stage}
        {panels && !wanted ? (
          <div className="absolute end-2 top-2">
            <IconButton
              label={t('Show the history of this document')}
              side="left"
              onClick={() => showStrip(true)}
            >
              <PanelRight size={16} />
            </IconButton>
          </div>
        ) : null}
      </div>
      {panels && strip ? (
        <Panel
          name="create.history"
          side="right"
          size={168}
          min={112}
          max={360}
          label={t('History of this document')}
        >
          <HistoryStrip document={document} onHide={() => showStrip(false)} />
        </Panel>
      ) : null}
    </div>
  )
}
