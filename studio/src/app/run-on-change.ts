/** "Run on every change": runs the open document a moment after its last change, one job at a time. */
import { useEffect } from 'react'
import { useDocuments } from './documents'
import { isLive, useJobs } from './jobs'
import { runNow } from './run-now'
import { useRunOptions } from './run-options'

const PAUSE = 500

export function useRunOnChange(): void {
  const on = useRunOptions((state) => state.onChange)
  useEffect(() => {
    if (!on) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let wanted = false
    const start = () => {
      const { jobs, order } = useJobs.getState()
      const { active } = useDocuments.getState()
      const busy = order.some((id) => jobs[id]!.document === active && isLive(jobs[id]!))
      wanted = busy
      if (!busy) void runNow({ count: 1 })
    }
    const stopDocuments = useDocuments.subscribe((state, before) => {
      const changed = state.open[state.active]?.revision !== before.open[state.active]?.revision
      if (!changed || state.active !== before.active) return
      clearTimeout(timer)
      timer = setTimeout(start, PAUSE)
    })
    const stopJobs = useJobs.subscribe(() => {
      if (wanted) start()
    })
    return () => {
      clearTimeout(timer)
      stopDocuments()
      stopJobs()
    }
  }, [on])
}
