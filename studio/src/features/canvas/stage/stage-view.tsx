import { useEffect, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { ContextMenu } from '@/ui/menu'
import { useLayerMenu } from '../layers/layer-menu'
import type { CanvasSession } from '../state/session'
import { EdgeHandles } from './edge-handles'
import { CanvasStage } from './stage'

/** Where the stage draws. It is made once for a document; React only places it. */
export function StageView({
  session,
  onStage,
}: {
  session: CanvasSession
  onStage: (stage: CanvasStage | null) => void
}) {
  const host = useRef<HTMLDivElement>(null)
  const [stage, setStage] = useState<CanvasStage | null>(null)
  const entries = useLayerMenu(session)
  useEffect(() => {
    if (!host.current) return
    const made = new CanvasStage(host.current, session)
    setStage(made)
    onStage(made)
    return () => {
      made.destroy()
      setStage(null)
      onStage(null)
    }
  }, [session, onStage])
  return (
    <>
      <ContextMenu entries={entries}>
        <div
          ref={host}
          role="application"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys while it has the focus.
          tabIndex={0}
          data-stage
          aria-label={t('Picture. Layers, box and transforms can also be set by numbers beside it.')}
          className="absolute inset-0 touch-none overflow-hidden outline-offset-[-2px] select-none focus:outline-none focus-visible:outline-none"
        />
      </ContextMenu>
      {stage ? <EdgeHandles session={session} stage={stage} /> : null}
    </>
  )
}
