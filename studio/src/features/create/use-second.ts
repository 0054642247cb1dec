import { useEffect, useState } from 'react'

/** Draws the component again each second while something runs. */
export function useSecond(runs: boolean): void {
  const [, tick] = useState(0)
  useEffect(() => {
    if (!runs) return
    const timer = setInterval(() => tick((before) => before + 1), 1_000)
    return () => clearInterval(timer)
  }, [runs])
}
