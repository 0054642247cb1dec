import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { openDocument, useDocuments } from '@/app/documents'
import { t } from '@/i18n/text'
import { Panel } from '@/ui/panel'
import { usePreference } from '@/ui/remembered'
import { Sheet } from '@/ui/sheet'
import { useMedia } from '@/ui/use-media'
import { useAppSource } from './apps/app-source'
import { useCanvasCommands } from './canvas-commands'
import { useCanvasIntents } from './canvas-intents'
import { CanvasStart } from './canvas-start'
import { LayersPanel } from './layers/layers-panel'
import { forgetLayersOnce } from './pixels/forget-layers'
import { useCanvasRuns } from './running/canvas-runs'
import { SettingsPanel } from './running/settings-panel'
import { DropZones } from './stage/drop-zones'
import type { CanvasStage } from './stage/stage'
import { StageView } from './stage/stage-view'
import { StagingStrip } from './staging/staging-strip'
import { type CanvasSession, sessionOf } from './state/session'
import { OptionsBar } from './toolbox/options-bar'
import { ToolColumn } from './toolbox/tool-column'
import { WIDE, WIDER } from './wide'

const RunAppDialog = lazy(() => import('./apps/run-app-dialog'))

/** Painting, masks, and pictures that the model makes in place. */
export default function CanvasScreen() {
  const active = useDocuments((state) => state.active)
  useEffect(() => {
    if (!active && !useDocuments.getState().active) openDocument({ title: t('Untitled') })
  }, [active])
  if (!active) return null
  return <Canvas key={active} document={active} />
}

function Canvas({ document }: { document: string }) {
  const session = sessionOf(document)
  const [stage, setStage] = useState<CanvasStage | null>(null)
  const [panels, setPanels] = usePreference('canvas.panels', true)
  const layersDocked = useMedia(WIDE) && panels
  const settingsDocked = useMedia(WIDER) && panels
  const [sheet, setSheet] = useState<'' | 'settings' | 'layers'>('')
  const togglePanels = useCallback(() => setPanels(!panels), [panels, setPanels])
  useCanvasCommands(session, stage, togglePanels)
  useCanvasIntents(session, stage)
  useCanvasRuns(session)
  useEffect(forgetLayersOnce, [])
  return (
    <div className="flex h-full min-w-0">
      <h1 className="sr-only">{t('Canvas')}</h1>
      {settingsDocked ? (
        <Panel name="canvas.settings" side="left" size={296} min={248} label={t('Settings')}>
          <SettingsPanel session={session} />
        </Panel>
      ) : null}
      <div className="flex min-w-0 flex-1 flex-col">
        <OptionsBar
          session={session}
          stage={stage}
          onSettings={settingsDocked ? undefined : () => setSheet('settings')}
          onLayers={layersDocked ? undefined : () => setSheet('layers')}
        />
        <div className="flex min-h-0 flex-1 max-sm:flex-col-reverse">
          <ToolColumn />
          <Work session={session} stage={stage} onStage={setStage} />
        </div>
        <StagingStrip session={session} />
      </div>
      {layersDocked ? (
        <Panel name="canvas.layers" side="right" size={272} min={232} label={t('Layers')}>
          <LayersPanel session={session} />
        </Panel>
      ) : null}
      <Sheet open={sheet === 'settings'} onClose={() => setSheet('')} title={t('Settings')} side="left">
        <SettingsPanel session={session} />
      </Sheet>
      <Sheet open={sheet === 'layers'} onClose={() => setSheet('')} title={t('Layers')} side="right">
        <LayersPanel session={session} />
      </Sheet>
      <AppChoice session={session} />
    </div>
  )
}

/** The dialog that runs an app, loaded when it is first asked for. */
function AppChoice({ session }: { session: CanvasSession }) {
  const open = useAppSource((state) => state.source !== null)
  useEffect(() => () => useAppSource.setState({ source: null }), [])
  return open ? (
    <Suspense fallback={null}>
      <RunAppDialog session={session} />
    </Suspense>
  ) : null
}

interface WorkProps {
  session: CanvasSession
  stage: CanvasStage | null
  onStage: (stage: CanvasStage | null) => void
}

/** The picture's surroundings: the same neutral grey in every theme, so that colours are judged right. */
const Work = ({ session, stage, onStage }: WorkProps) => (
  <div className="relative min-h-0 min-w-0 flex-1 overflow-hidden bg-[#1f1f1f]">
    <StageView session={session} onStage={onStage} />
    <CanvasStart session={session} />
    <DropZones session={session} stage={stage} />
  </div>
)
