/** Lists of reference pictures: one more, one less, another order. */

/** Pictures that one model is shown beside the first one. */
export const MOST_REFERENCES = 8

/** A list with one entry at another place. */
export function movedTo<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list]
  const [taken] = next.splice(from, 1)
  if (taken !== undefined) next.splice(Math.max(0, Math.min(to, next.length)), 0, taken)
  return next
}

/** A list with further pictures, as many as there is room for. */
export const withMore = (list: readonly string[], more: readonly string[]): string[] =>
  [...list, ...more.filter(Boolean)].slice(0, MOST_REFERENCES)
