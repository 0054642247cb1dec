import { TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { t } from '@/i18n/text'
import type { LayerRecord } from '../state/canvas-document'
import { union } from '../state/geometry'
import type { CanvasSession } from '../state/session'

const SIDE = 64
const WAIT = 150

/** A small picture of a layer, drawn anew a moment after its pixels changed. */
export function LayerThumbnail({ session, layer }: { session: CanvasSession; layer: LayerRecord }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const tick = useStore(session.state, (state) => state.ticks[layer.id] ?? 0)
  const lost = useStore(session.state, (state) => state.lost.includes(layer.id))
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tick says that pixels changed.
  useEffect(() => {
    const timer = setTimeout(() => canvas.current && drawThumbnail(canvas.current, session, layer.id), WAIT)
    return () => clearTimeout(timer)
  }, [tick, session, layer.id])
  return (
    <span className="checker relative size-9 shrink-0 overflow-hidden rounded-small border">
      <canvas ref={canvas} width={SIDE} height={SIDE} className="size-full" />
      {lost ? (
        <span
          className="absolute inset-0 flex items-center justify-center bg-surface text-warn"
          title={t('Its pixels are not in this browser.')}
        >
          <TriangleAlert size={16} aria-label={t('Its pixels are not in this browser.')} />
        </span>
      ) : null}
    </span>
  )
}

function drawThumbnail(canvas: HTMLCanvasElement, session: CanvasSession, id: string): void {
  const surface = session.surfaces.get(id)
  const context = canvas.getContext('2d')
  if (!surface || !context) return
  context.clearRect(0, 0, SIDE, SIDE)
  const content = union([surface.contentBounds()])
  if (!content) return
  const scale = SIDE / Math.max(content.width, content.height)
  context.imageSmoothingQuality = 'medium'
  context.drawImage(
    surface.canvas,
    content.x - surface.bounds.x,
    content.y - surface.bounds.y,
    content.width,
    content.height,
    (SIDE - content.width * scale) / 2,
    (SIDE - content.height * scale) / 2,
    content.width * scale,
    content.height * scale,
  )
}
