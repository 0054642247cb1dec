import { Brush } from 'lucide-react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { useCanvas } from '../state/canvas-document'
import { chooseTool } from '../state/canvas-store'
import type { CanvasSession } from '../state/session'

/** The way to a mask where people look for it: offered while there is a picture and nothing is masked. */
export function MaskStart({ session }: { session: CanvasSession }) {
  const isOffered = useCanvas(
    session.document,
    ({ layers }) =>
      layers.some((layer) => layer.kind === 'raster') && !layers.some((layer) => layer.kind === 'mask'),
  )
  if (!isOffered) return null
  return (
    <Button
      small
      icon={<Brush size={14} strokeWidth={1.5} aria-hidden="true" />}
      className="mt-2"
      onClick={() => {
        session.add('mask', t('New mask'))
        chooseTool('brush')
      }}
    >
      {t('Paint a mask')}
    </Button>
  )
}
