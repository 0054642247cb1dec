/** Boards as a tree: `animals/foxes` lies in `animals`. */
import type { Count } from './pictures'

export interface Branch {
  /** The whole name. */
  path: string
  /** Its last part. */
  name: string
  depth: number
  /** How many pictures it and those in it have. */
  count: number
  children: boolean
}

/** Boards in the order of the tree; boards that only others name are there too. */
export function treeOf(boards: readonly Count[]): Branch[] {
  const counts = new Map<string, number>()
  for (const { name, count } of boards) {
    const parts = name.split('/')
    for (let length = 1; length <= parts.length; length += 1) {
      const path = parts.slice(0, length).join('/')
      counts.set(path, (counts.get(path) ?? 0) + count)
    }
  }
  const paths = [...counts.keys()].sort((one, other) =>
    one.replaceAll('/', '\u0000').localeCompare(other.replaceAll('/', '\u0000')),
  )
  return paths.map((path) => ({
    path,
    name: path.split('/').at(-1)!,
    depth: path.split('/').length - 1,
    count: counts.get(path)!,
    children: paths.some((other) => other.startsWith(`${path}/`)),
  }))
}

/** Those of which no board above is folded. */
export const unfolded = (branches: readonly Branch[], folded: readonly string[]): Branch[] =>
  branches.filter(({ path }) => !folded.some((closed) => path.startsWith(`${closed}/`)))
