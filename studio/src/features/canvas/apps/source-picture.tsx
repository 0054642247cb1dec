import { useEffect, useRef } from 'react'
import { t } from '@/i18n/text'
import type { Rect } from '../state/geometry'
import type { CanvasSession } from '../state/session'
import { pictureOfSource, type SourceKind } from './app-source'

const SIDE = 96

interface Props {
  session: CanvasSession
  source: SourceKind
  rect: Rect
}

/** A small picture of what an app would get. */
export function SourcePicture({ session, source, rect }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const scale = Math.min(1, (SIDE * 2) / Math.max(rect.width, rect.height))
    const drawn = pictureOfSource(session, source, rect, scale)
    element.width = drawn.width
    element.height = drawn.height
    element.getContext('2d')?.drawImage(drawn, 0, 0)
  }, [session, source, rect])
  return (
    <div className="checker flex size-24 shrink-0 items-center justify-center overflow-hidden rounded-card border">
      <canvas
        ref={canvas}
        role="img"
        aria-label={t('What the app gets')}
        className="max-h-full max-w-full object-contain"
      />
    </div>
  )
}
