/** What the Run button does. A screen may say what it runs and what that is called; otherwise it is the open document. */
import { useEffect, useLayoutEffect } from 'react'
import { create } from 'zustand'
import { useDocuments } from './documents'
import type { RunWish } from './run'

export interface RunTarget {
  /** What will happen: "Generate", "Refine 60 %", "Fill selection". */
  label: string
  /** Why it cannot be done now; empty: it can. */
  reason?: string
  /** The document whose runs are shown at the button; absent: the active one. */
  document?: string
  run: (wish: RunWish) => void | Promise<unknown>
}

interface RunTargetState {
  target: RunTarget | null
  /** The screen shows a Run button itself, where the thumb is; the top bar leaves its own out. */
  ownButton: boolean
}

export const useRunTarget = create<RunTargetState>(() => ({ target: null, ownButton: false }))

/** The document whose runs the Run button follows; empty: none is open. */
export const useRunDocument = (): string => {
  const own = useRunTarget((state) => state.target?.document)
  const active = useDocuments((state) => state.active)
  return own ?? active
}

export const runDocument = (): string =>
  useRunTarget.getState().target?.document ?? useDocuments.getState().active

/** Names what the Run button runs while the component is mounted. */
export function useRuns(target: RunTarget | null): void {
  useEffect(() => {
    useRunTarget.setState({ target })
    return () =>
      useRunTarget.setState(({ target: now }) => (now === target ? { target: null } : { target: now }))
  }, [target])
}

/** Says that the screen shows a Run button of its own while the component is mounted. */
export function useOwnRunButton(): void {
  useLayoutEffect(() => {
    useRunTarget.setState({ ownButton: true })
    return () => useRunTarget.setState({ ownButton: false })
  }, [])
}
