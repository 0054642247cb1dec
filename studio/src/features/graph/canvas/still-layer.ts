/**
 * While a view moves, its picture is kept as one layer and nothing is painted anew. A layer keeps the sharpness that it had:
 * a view that is zoomed is painted anew whenever the difference would be seen. After a while of rest the page gets its
 * memory back.
 */
import { type RefObject, useMemo } from 'react'

const REST = 400
/** How much larger, or smaller, than it was painted a layer may be shown. */
const LARGER = 1.3
const SMALLER = 0.7

export interface StillLayer {
  /** The view moved, to this zoom; `dragged`: the ground is held by a pointer. */
  moved: (zoom: number, dragged: boolean) => void
  ended: () => void
}

export function useStillLayer(root: RefObject<HTMLElement | null>): StillLayer {
  return useMemo(() => {
    let painted = 0
    let timer = 0
    const set = (name: string, on: boolean) => root.current?.toggleAttribute(name, on)
    return {
      moved: (zoom, dragged) => {
        window.clearTimeout(timer)
        const fits = zoom < painted * LARGER && zoom > painted * SMALLER
        if (!fits) painted = zoom
        set('data-still', fits)
        set('data-dragged', dragged)
      },
      ended: () => {
        set('data-dragged', false)
        window.clearTimeout(timer)
        timer = window.setTimeout(() => {
          painted = 0
          set('data-still', false)
        }, REST)
      },
    }
  }, [root])
}
