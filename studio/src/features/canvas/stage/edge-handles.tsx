import { Plus } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { t } from '@/i18n/text'
import { extendBox, type Side } from '../box/box-actions'
import { useCanvas } from '../state/canvas-document'
import { useCanvasStore } from '../state/canvas-store'
import type { Point, Rect } from '../state/geometry'
import type { CanvasSession } from '../state/session'
import { type CanvasStage, viewOf } from './stage'

const SIDES: Side[] = ['left', 'top', 'right', 'bottom']
const AWAY = 26

function besideEdge({ x, y, width, height }: Rect, side: Side): Point {
  if (side === 'left') return { x: x - AWAY, y: y + height / 2 }
  if (side === 'right') return { x: x + width + AWAY, y: y + height / 2 }
  return { x: x + width / 2, y: side === 'top' ? y - AWAY : y + height + AWAY }
}

/** A "+" at each edge of the box: the model goes on beyond the picture there. Shown with the box tool. */
export function EdgeHandles({ session, stage }: { session: CanvasSession; stage: CanvasStage }) {
  const shown = useCanvasStore((state) => state.tool === 'box')
  const box = useCanvas(session.document, (canvas) => canvas.box)
  const host = useRef<HTMLDivElement>(null)
  const names: Record<Side, string> = {
    left: t('Go on to the left'),
    top: t('Go on upward'),
    right: t('Go on to the right'),
    bottom: t('Go on downward'),
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the box and the tool move the buttons.
  useEffect(() => {
    const place = () => {
      const rect = stage.rectToScreen(stage.box)
      for (const button of host.current?.querySelectorAll('button') ?? []) {
        const { x, y } = besideEdge(rect, button.dataset.side as Side)
        button.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`
      }
    }
    place()
    const stops = [viewOf(session).subscribe(place), session.watch(place)]
    return () => stops.forEach((stop) => void stop())
  }, [session, stage, shown, box])
  if (!shown || box.width <= 0) return null
  return (
    <div ref={host}>
      {SIDES.map((side) => (
        <button
          key={side}
          type="button"
          data-side={side}
          aria-label={names[side]}
          title={names[side]}
          onClick={() => {
            extendBox(session, side)
            stage.show(stage.session.canvas.box)
          }}
          className="absolute top-0 left-0 flex size-7 items-center justify-center rounded-full border border-white/70 bg-black/70 text-white hover:bg-accent-fill pointer-coarse:size-11"
        >
          <Plus size={14} aria-hidden="true" />
        </button>
      ))}
    </div>
  )
}
