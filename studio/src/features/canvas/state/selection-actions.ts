/** Changes of what is selected. */
import type { Point, Rect } from './geometry'
import { outlineOf } from './selection'
import type { CanvasSession } from './session'

/** Selects a closed line; with `add` beside what is selected. */
export function select(session: CanvasSession, line: readonly Point[], add = false): void {
  const { selection } = session.state.getState()
  session.state.setState({ selection: add && selection ? [...selection, line] : [line] })
}

export const selectRect = (session: CanvasSession, rect: Rect, add = false): void =>
  select(session, outlineOf(rect), add)

export const selectAll = (session: CanvasSession): void => selectRect(session, session.canvas.box)
