import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react'
import { classes } from './classes'
import { usePreference } from './remembered'

export interface PanelProps {
  /** Under which its size is remembered. */
  name: string
  side: 'left' | 'right' | 'bottom'
  size: number
  min?: number
  max?: number
  /** What it is, as a landmark. */
  label: string
  children: ReactNode
  className?: string
}

const STEP = 16

/** A docked panel whose inner edge can be dragged, or moved with the arrow keys. Beside the work, never over it. */
export function Panel({
  name,
  side,
  size: first,
  min = 200,
  max = 640,
  label,
  children,
  className,
}: PanelProps) {
  const [size, setSize] = usePreference(`panel.${name}`, first)
  const start = useRef<{ at: number; size: number } | null>(null)
  const upright = side === 'bottom'
  const outward = side === 'right' || side === 'bottom' ? -1 : 1
  const fit = (wanted: number) => setSize(Math.round(Math.min(max, Math.max(min, wanted))))
  const grab = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    start.current = { at: upright ? event.clientY : event.clientX, size }
  }
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!start.current) return
    fit(start.current.size + outward * ((upright ? event.clientY : event.clientX) - start.current.at))
  }
  const keyed = (event: KeyboardEvent) => {
    const more = { ArrowRight: outward, ArrowLeft: -outward, ArrowDown: outward, ArrowUp: -outward }[
      event.key
    ]
    if (more === undefined) return
    event.preventDefault()
    fit(size + more * STEP)
  }
  const edge = {
    left: 'top-0 bottom-0 -right-1 w-2',
    right: 'top-0 bottom-0 -left-1 w-2',
    bottom: 'left-0 right-0 -top-1 h-2',
  }[side]
  const line = { left: 'border-e', right: 'border-s', bottom: 'border-t' }[side]
  return (
    <section
      aria-label={label}
      className={classes('relative flex shrink-0 flex-col bg-surface', line)}
      style={upright ? { height: size } : { width: size }}
    >
      <div className={classes('min-h-0 flex-1 overflow-auto', className)}>{children}</div>
      {/* biome-ignore lint/a11y/useSemanticElements: a separator that is moved has no element of its own. */}
      <div
        role="separator"
        tabIndex={0}
        aria-label={`Size of ${label}`}
        aria-orientation={upright ? 'horizontal' : 'vertical'}
        aria-valuenow={size}
        aria-valuemin={min}
        aria-valuemax={max}
        onPointerDown={grab}
        onPointerMove={drag}
        onPointerUp={() => {
          start.current = null
        }}
        onDoubleClick={() => setSize(first)}
        onKeyDown={keyed}
        className={classes(
          'absolute z-10 touch-none transition-colors hover:bg-accent/40 focus-visible:bg-accent/60 active:bg-accent/60',
          edge,
          upright ? 'cursor-row-resize' : 'cursor-col-resize',
        )}
      />
    </section>
  )
}
