import { useSyncExternalStore } from 'react'

const query = () => matchMedia('(max-width: 639px)')

const watch = (change: () => void): (() => void) => {
  const list = query()
  list.addEventListener('change', change)
  return () => list.removeEventListener('change', change)
}

/** Whether the window is as narrow as a phone. */
export const useIsPhone = (): boolean => useSyncExternalStore(watch, () => query().matches)
