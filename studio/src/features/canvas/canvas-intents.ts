/** What other screens ask of the canvas: a picture to edit. Pasting a picture is the same. */
import { useEffect } from 'react'
import { useIntents } from '@/app/intents'
import { t } from '@/i18n/text'
import { type FileRef, fetchFile } from '@/net/files'
import { toast } from '@/ui/toasts'
import { placeBlob, placeFiles } from './layers/pictures'
import type { CanvasStage } from './stage/stage'
import type { LayerKind } from './state/canvas-document'
import type { CanvasSession } from './state/session'

const KINDS: Record<string, LayerKind> = {
  layer: 'raster',
  mask: 'mask',
  control: 'control',
  reference: 'reference',
}

export function useCanvasIntents(session: CanvasSession, stage: CanvasStage | null): void {
  useIntents('canvas', ({ name, data }) => {
    if (name === 'edit-picture') void bring(session, stage, data.file as FileRef, KINDS[data.as] ?? 'raster')
  })
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      if (event.defaultPrevented) return
      const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith('image/'))
      if (files.length === 0) return
      event.preventDefault()
      void placeFiles(session, files).then(() => stage?.fit())
    }
    addEventListener('paste', paste)
    return () => removeEventListener('paste', paste)
  }, [session, stage])
}

async function bring(
  session: CanvasSession,
  stage: CanvasStage | null,
  file: FileRef,
  kind: LayerKind,
): Promise<void> {
  try {
    await placeBlob(session, await fetchFile(file), file.filename.replace(/\.[a-z0-9]+$/i, ''), kind)
    stage?.fit()
  } catch (error) {
    toast({
      text: t('The picture could not be fetched: {{message}}', { message: (error as Error).message }),
      tone: 'err',
    })
  }
}
