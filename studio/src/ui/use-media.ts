import { useSyncExternalStore } from 'react'

export const PHONE = '(max-width: 639px)'
/** Narrower than a desktop: panels beside the work become sheets. */
export const NARROW = '(max-width: 1023px)'

/** Whether a media query holds, now and as the window changes. */
export const useMedia = (query: string): boolean =>
  useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query)
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    () => matchMedia(query).matches,
  )
