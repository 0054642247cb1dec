import { ImagePlus, PaintbrushVertical, Sparkles } from 'lucide-react'
import { useStore } from 'zustand'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { openPictures } from './layers/pictures'
import { stagingOf } from './staging/staging'
import { useCanvas } from './state/canvas-document'
import { chooseTool } from './state/canvas-store'
import type { CanvasSession } from './state/session'

/** The empty canvas: three ways to begin. It is in nobody's way: strokes go through it. */
export function CanvasStart({ session }: { session: CanvasSession }) {
  const empty = useCanvas(session.document, (canvas) => canvas.layers.length === 0)
  const busy = useStore(stagingOf(session).state, (state) => state.box !== null)
  if (!empty || busy) return null
  const describe = () => document.querySelector<HTMLElement>('[data-canvas-prompt] textarea')?.focus()
  return (
    <div className="pointer-events-none absolute inset-0 flex items-center justify-center p-4">
      <div className="flex max-w-full flex-col items-center gap-4 rounded-card border border-white/15 bg-[#262626]/95 px-6 py-5 text-center">
        <p className="text-section font-semibold text-white max-sm:hidden">{t('Drop a picture or paint')}</p>
        <p className="text-section font-semibold text-white sm:hidden">
          {t('Open a picture and paint over what is to change')}
        </p>
        <div className="pointer-events-auto flex flex-wrap justify-center gap-2">
          <Button icon={<ImagePlus size={16} aria-hidden="true" />} onClick={() => openPictures(session)}>
            {t('Open a picture…')}
          </Button>
          <Button
            icon={<PaintbrushVertical size={16} aria-hidden="true" />}
            className="max-sm:hidden"
            onClick={() => {
              session.add('raster', t('New layer'))
              chooseTool('brush')
            }}
          >
            {t('Paint on an empty layer')}
          </Button>
          <Button
            icon={<Sparkles size={16} aria-hidden="true" />}
            className="max-md:hidden"
            onClick={describe}
          >
            {t('Describe a picture')}
          </Button>
        </div>
      </div>
    </div>
  )
}
