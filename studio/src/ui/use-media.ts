/** Media queries that the layout turns on, for what CSS alone cannot do. */
import { useCallback, useSyncExternalStore } from 'react'

export const PHONE = '(max-width: 639px)'
/** Narrower than a desktop: panels beside the work become sheets. */
export const NARROW = '(max-width: 1023px)'

/** Whether a media query holds, now and as the window changes. */
export function useMedia(query: string): boolean {
  // One function for one query, so that React does not listen anew with every render.
  const watch = useCallback(
    (changed: () => void) => {
      const list = matchMedia(query)
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    [query],
  )
  return useSyncExternalStore(watch, () => matchMedia(query).matches)
}
