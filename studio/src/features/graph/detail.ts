/**
 * How much of a node is drawn. From far away a node is its title, ports and picture. The level changes when a gesture ends,
 * not during it; what is drawn for the first time takes the level of the moment.
 */
import { useEffect, useState } from 'react'

const FAR = 0.5

let zoom = 1
let far = false
const listeners = new Set<() => void>()

/** Follows the zoom during a gesture. */
export const followZoom = (now: number): void => {
  zoom = now
}

/** A gesture ended, or a view was set: everything takes the level of this zoom. */
export function settleZoom(now: number): void {
  zoom = now
  far = now < FAR
  for (const listener of listeners) listener()
}

/** Whether little is drawn. */
export function useFar(): boolean {
  const [shown, setShown] = useState(() => zoom < FAR)
  useEffect(() => {
    const settle = () => setShown(far)
    listeners.add(settle)
    return () => {
      listeners.delete(settle)
    }
  }, [])
  return shown
}

/** The zoom in percent, as it was when the last gesture ended. */
export const shownZoom = (): number => Math.round(zoom * 100)

export const watchZoom = (change: () => void): (() => void) => {
  listeners.add(change)
  return () => {
    listeners.delete(change)
  }
}
