import { useStoreApi } from '@xyflow/react'
import { useEffect, useRef } from 'react'

const GAP = 20
const NARROWEST = 12
const COARSER = 5

/**
 * The dots behind a graph. One more dot than fits is painted, and the whole is shifted by less than a gap: a view that
 * moves paints nothing anew. From far away only every fifth dot is there.
 */
export function Grid() {
  const dots = useRef<HTMLDivElement>(null)
  const store = useStoreApi()
  useEffect(() => {
    let painted = 0
    const show = ([x, y, zoom]: readonly [number, number, number]) => {
      const element = dots.current
      if (!element) return
      let gap = GAP * zoom
      while (gap < NARROWEST) gap *= COARSER
      if (gap !== painted) {
        element.style.inset = `${-gap}px`
        element.style.backgroundSize = `${gap}px ${gap}px`
        element.style.setProperty('--dot', `${Math.min(2, Math.max(0.9, 0.9 * zoom))}px`)
        painted = gap
      }
      element.style.transform = `translate(${mod(x, gap)}px, ${mod(y, gap)}px)`
    }
    show(store.getState().transform)
    return store.subscribe((state, before) => {
      if (state.transform !== before.transform) show(state.transform)
    })
  }, [store])
  return (
    <div className="pointer-events-none absolute inset-0 -z-10 overflow-hidden" aria-hidden="true">
      <div ref={dots} className="graph-grid absolute" />
    </div>
  )
}

const mod = (value: number, by: number): number => ((value % by) + by) % by
