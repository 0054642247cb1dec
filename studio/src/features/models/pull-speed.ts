/** How fast downloads come: from what was there at the last looks, smoothed over some seconds. */
import { useRef } from 'react'
import { isGoing, type Pull } from './model-data'

interface Look {
  at: number
  done: number
  file: string
}

const SPAN = 6_000

/** Bytes a second by pull; none while nothing can be said. */
export function useSpeeds(pulls: readonly Pull[]): Map<string, number> {
  const looks = useRef(new Map<string, Look[]>())
  const speeds = new Map<string, number>()
  const now = performance.now()
  for (const pull of pulls) {
    if (!isGoing(pull)) {
      looks.current.delete(pull.id)
      continue
    }
    const before = looks.current.get(pull.id) ?? []
    const kept = addLook(before, { at: now, done: pull.done, file: pull.file })
    looks.current.set(pull.id, kept)
    const speed = speedOf(kept)
    if (speed !== undefined) speeds.set(pull.id, speed)
  }
  return speeds
}

/** The looks of the last seconds at the same file. */
export function addLook(looks: readonly Look[], look: Look): Look[] {
  const same = looks.filter(
    (one) => one.file === look.file && one.done <= look.done && look.at - one.at < SPAN,
  )
  return [...same, look]
}

export function speedOf(looks: readonly Look[]): number | undefined {
  const first = looks[0]
  const last = looks.at(-1)
  if (!first || !last || last.at - first.at < 500) return undefined
  return (last.done - first.done) / ((last.at - first.at) / 1000)
}
