/** Whether there is room for a panel beside the list. */
import { useSyncExternalStore } from 'react'

const WIDE = '(min-width: 1024px)'

const watch = (changed: () => void): (() => void) => {
  const query = matchMedia(WIDE)
  query.addEventListener('change', changed)
  return () => query.removeEventListener('change', changed)
}

export const useWide = (): boolean => useSyncExternalStore(watch, () => matchMedia(WIDE).matches)
