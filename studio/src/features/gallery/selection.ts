/** Which pictures are chosen, and which one the keys are on. */
import { create } from 'zustand'

interface Selection {
  ids: ReadonlySet<string>
  /** Place of the picture that a range begins at. */
  anchor: number
  /** Place of the picture that has the focus. */
  current: number
  /** The viewer was opened from the list: closing it is a step back. */
  opened: boolean
}

export const useSelection = create<Selection>(() => ({
  ids: new Set(),
  anchor: 0,
  current: 0,
  opened: false,
}))

export const clearSelection = (): void => useSelection.setState({ ids: new Set() })

export const setCurrent = (current: number): void => useSelection.setState({ current })

export function toggleChosen(id: string, at: number): void {
  useSelection.setState(({ ids }) => {
    const next = new Set(ids)
    if (!next.delete(id)) next.add(id)
    return { ids: next, anchor: at, current: at }
  })
}

export const setOpened = (opened: boolean): void => useSelection.setState({ opened })

/** Chooses these too, or these alone. */
export const choose = (chosen: Iterable<string>, { alone = false } = {}): void =>
  useSelection.setState(({ ids }) => ({ ids: new Set([...(alone ? [] : ids), ...chosen]) }))
