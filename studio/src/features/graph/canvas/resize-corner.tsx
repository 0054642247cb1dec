import { useStoreApi } from '@xyflow/react'
import { type PointerEvent, useRef } from 'react'

interface ResizeCornerProps {
  size: [number, number]
  onResize: (size: [number, number]) => void
}

const LEAST = 60

/** The lower right corner of something, to draw it larger or smaller. */
export function ResizeCorner({ size, onResize }: ResizeCornerProps) {
  const store = useStoreApi()
  const start = useRef<{ x: number; y: number; size: [number, number] } | null>(null)
  const drag = (event: PointerEvent) => {
    if (!start.current) return
    const zoom = store.getState().transform[2]
    const { x, y, size: from } = start.current
    onResize([
      Math.max(LEAST * 2, from[0] + (event.clientX - x) / zoom),
      Math.max(LEAST, from[1] + (event.clientY - y) / zoom),
    ])
  }
  return (
    <span
      className="nodrag nopan absolute -end-1 -bottom-1 size-4 cursor-nwse-resize touch-none"
      onPointerDown={(event) => {
        event.stopPropagation()
        event.currentTarget.setPointerCapture(event.pointerId)
        start.current = { x: event.clientX, y: event.clientY, size }
      }}
      onPointerMove={drag}
      onPointerUp={() => {
        start.current = null
      }}
    >
      <span className="absolute end-1.5 bottom-1.5 size-2 rounded-ee-small border-e-2 border-b-2 border-accent" />
    </span>
  )
}
