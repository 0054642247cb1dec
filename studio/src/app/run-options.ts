import { create } from 'zustand'
import { persist } from 'zustand/middleware'

interface RunOptions {
  count: number
  onChange: boolean
}

/** How the Run button runs: how many jobs at a time, and whether every change of the document runs it. */
export const useRunOptions = create<RunOptions>()(
  persist((): RunOptions => ({ count: 1, onChange: false }), {
    name: 'limner.run',
    partialize: ({ count }): RunOptions => ({ count, onChange: false }),
  }),
)
