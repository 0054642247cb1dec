/** A row that is swept aside with a finger. What it does must also be a button. */
import { type PointerEvent, useRef, useState } from 'react'

/** From so many pixels on, letting go does it. */
const FAR = 96
/** Below this it is a tap, or the page is being scrolled. */
const SLACK = 12

export interface Swipe {
  /** How far the row is moved, in pixels; 0 at rest. */
  offset: number
  far: boolean
  handlers: {
    onPointerDown: (event: PointerEvent) => void
    onPointerMove: (event: PointerEvent) => void
    onPointerUp: () => void
    onPointerCancel: () => void
  }
}

export function useSwipe(done: (() => void) | undefined): Swipe {
  const [offset, setOffset] = useState(0)
  const start = useRef<{ x: number; y: number; sideways: boolean } | null>(null)
  const rest = () => {
    start.current = null
    setOffset(0)
  }
  return {
    offset,
    far: Math.abs(offset) > FAR,
    handlers: {
      onPointerDown: (event) => {
        if (done && event.pointerType === 'touch')
          start.current = { x: event.clientX, y: event.clientY, sideways: false }
      },
      onPointerMove: (event) => {
        const from = start.current
        if (!from) return
        const across = event.clientX - from.x
        if (!from.sideways && Math.abs(across) < SLACK) return
        if (!from.sideways && Math.abs(event.clientY - from.y) > Math.abs(across)) return rest()
        from.sideways = true
        setOffset(across)
      },
      onPointerUp: () => {
        if (Math.abs(offset) > FAR) done?.()
        rest()
      },
      onPointerCancel: rest,
    },
  }
}
