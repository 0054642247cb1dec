/**
 * While a view is only shifted, its picture is kept as one layer and nothing is painted anew. Not while it is zoomed: the
 * layer would keep the sharpness that it had. After a while of rest the page gets its memory back.
 */
import { type RefObject, useMemo } from 'react'

const REST = 400

export interface StillLayer {
  /** The view moved, to this zoom. */
  moved: (zoom: number) => void
  ended: () => void
}

export function useStillLayer(root: RefObject<HTMLElement | null>): StillLayer {
  return useMemo(() => {
    let last = 0
    let timer = 0
    const set = (still: boolean) => root.current?.toggleAttribute('data-still', still)
    return {
      moved: (zoom) => {
        window.clearTimeout(timer)
        set(zoom === last)
        last = zoom
      },
      ended: () => {
        window.clearTimeout(timer)
        timer = window.setTimeout(() => set(false), REST)
      },
    }
  }, [root])
}
