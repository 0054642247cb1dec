/** Small things of the interface that stay as they were left: open groups, sizes of panels. Kept in this browser. */
import { useCallback } from 'react'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'

interface Remembered {
  values: Record<string, unknown>
}

const useRemembered = create<Remembered>()(
  persist((): Remembered => ({ values: {} }), { name: 'limner.remembered' }),
)

/** A value and its setter, like useState, that survives a reload. */
export function usePreference<T>(name: string, first: T): [T, (next: T) => void] {
  const value = useRemembered((state) => state.values[name]) as T | undefined
  const set = useCallback(
    (next: T) => useRemembered.setState((state) => ({ values: { ...state.values, [name]: next } })),
    [name],
  )
  return [value === undefined ? first : value, set]
}

/** Forgets all of them: "Reset layout". */
export const forgetRemembered = (): void => {
  useRemembered.setState({ values: {} })
}
