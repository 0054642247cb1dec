/** What the Run button does. A screen may say what it runs and what that is called; otherwise it is the open document. */
import { useEffect } from 'react'
import { create } from 'zustand'
import type { RunWish } from './run'

export interface RunTarget {
  /** What will happen: "Generate", "Refine 60 %", "Fill selection". */
  label: string
  /** Why it cannot be done now; empty: it can. */
  reason?: string
  run: (wish: RunWish) => void | Promise<unknown>
}

export const useRunTarget = create<{ target: RunTarget | null }>(() => ({ target: null }))

/** Names what the Run button runs while the component is mounted. */
export function useRuns(target: RunTarget | null): void {
  useEffect(() => {
    useRunTarget.setState({ target })
    return () =>
      useRunTarget.setState(({ target: now }) => (now === target ? { target: null } : { target: now }))
  }, [target])
}
