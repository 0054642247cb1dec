/** Whether the window is so wide or wider. */
import { useCallback, useSyncExternalStore } from 'react'

function watch(query: string, changed: () => void): () => void {
  const list = matchMedia(query)
  list.addEventListener('change', changed)
  return () => list.removeEventListener('change', changed)
}

/** Follows a media query; the function given to React stays the same while the query does. */
export function useWindowOf(query: string): boolean {
  const subscribe = useCallback((changed: () => void) => watch(query, changed), [query])
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}

/** Room for the layers beside the picture. */
export const WIDE = '(min-width: 900px)'
/** Room for the settings, too. */
export const WIDER = '(min-width: 1200px)'
/** A phone: masks and the box only. */
export const PHONE = '(max-width: 639px)'
