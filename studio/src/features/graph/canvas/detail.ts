/**
 * How much of a node is drawn. From far away a node is its title, ports and picture; from farther still, where hundreds are
 * seen at once, ports and links are dots and lines that cannot be pressed. The level changes when a gesture ends, not during
 * it; what is drawn for the first time takes the level of the moment.
 */
import { useEffect, useState } from 'react'

export type Detail = 'near' | 'far' | 'farthest'

const FAR = 0.5
const FARTHEST = 0.3

let zoom = 1
let detail: Detail = 'near'
const listeners = new Set<() => void>()

const detailAt = (now: number): Detail => (now < FARTHEST ? 'farthest' : now < FAR ? 'far' : 'near')

/** Follows the zoom during a gesture. */
export const followZoom = (now: number): void => {
  zoom = now
}

/** A gesture ended, or a view was set: everything takes the level of this zoom. */
export function settleZoom(now: number): void {
  zoom = now
  detail = detailAt(now)
  for (const listener of listeners) listener()
}

/** How much is drawn. */
export function useDetail(): Detail {
  const [shown, setShown] = useState(() => detailAt(zoom))
  useEffect(() => {
    const settle = () => setShown(detail)
    listeners.add(settle)
    return () => {
      listeners.delete(settle)
    }
  }, [])
  return shown
}

/** Whether little is drawn. */
export const useFar = (): boolean => useDetail() !== 'near'

/** The zoom in percent, as it was when the last gesture ended. */
export const shownZoom = (): number => Math.round(zoom * 100)

export const watchZoom = (change: () => void): (() => void) => {
  listeners.add(change)
  return () => {
    listeners.delete(change)
  }
}
