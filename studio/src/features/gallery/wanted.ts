/** Which pictures the gallery shows: what was typed, the board that was chosen, the order. Kept while the page is open. */
import { create } from 'zustand'

export type Order = 'newest' | 'oldest' | 'name' | 'rating'

export interface Wanted {
  /** Words and chips, as they are typed. */
  text: string
  /** A board and those in it; empty: all. */
  board: string
  /** What a smart board adds to the search. */
  extra: string
  trash: boolean
  order: Order
}

export const EVERYTHING: Wanted = { text: '', board: '', extra: '', trash: false, order: 'newest' }

export const useWanted = create<Wanted>(() => EVERYTHING)

export const want = (change: Partial<Wanted>): void => useWanted.setState(change)

/** Goes to a place of the sidebar: nothing of another place stays. */
export const goToBoard = (change: Partial<Wanted>): void =>
  useWanted.setState(({ text }) => ({ board: '', extra: '', trash: false, text, ...change }))

/** The query that asks the server for it. */
export const queryOf = ({ text, board, extra, trash, order }: Wanted) => ({
  q: `${extra} ${text}`.trim(),
  board,
  trash: trash || undefined,
  sort: order,
  offset: new Date().getTimezoneOffset(),
})
