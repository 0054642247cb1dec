import { useCallback, useSyncExternalStore } from 'react'

export const PHONE = '(max-width: 639px)'
export const TABLET = '(max-width: 1023px)'

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
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
