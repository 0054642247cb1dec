/** Which of several texts are nearest to one: for values that are in no list, there is often one that was meant. */

/** The texts nearest to `wanted`, the best first; those that have nothing in common with it are left out, unless all are. */
export function nearest(wanted: string, choices: readonly string[], most: number): string[] {
  const scored = choices
    .map((choice) => ({ choice, score: likeness(bare(wanted), bare(choice)) }))
    .sort((one, other) => other.score - one.score)
  const good = scored.filter(({ score }) => score > 0.25)
  return (good.length > 0 ? good : scored).slice(0, most).map(({ choice }) => choice)
}

/** Without folder and ending, in small letters. */
const bare = (text: string): string =>
  (text.split(/[\\/]/).at(-1) ?? text)
    .replace(/\.[a-z0-9]{2,12}$/i, '')
    .toLowerCase()
    .replace(/[\s_.-]+/g, ' ')

/** How alike two texts are, 0..1: pairs of letters that both have (Dice's coefficient). */
export function likeness(one: string, other: string): number {
  if (one === other) return 1
  const pairs = (text: string) =>
    Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2))
  const first = pairs(one)
  const rest = pairs(other)
  const total = first.length + rest.length
  if (total === 0) return 0
  let shared = 0
  for (const pair of first) {
    const at = rest.indexOf(pair)
    if (at < 0) continue
    shared += 1
    rest.splice(at, 1)
  }
  return (2 * shared) / total
}
