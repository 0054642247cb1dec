/** Whether the window has room for docked panels beside the work. */
import { useSyncExternalStore } from 'react'

const query = () => matchMedia('(min-width: 1024px)')

function watch(changed: () => void): () => void {
  const list = query()
  list.addEventListener('change', changed)
  return () => list.removeEventListener('change', changed)
}

export const useWide = (): boolean => useSyncExternalStore(watch, () => query().matches)
