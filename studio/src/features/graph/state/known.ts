/** The node definitions for code outside components; the screen keeps them here while it is open. */
import type { Definitions } from '@/doc/definitions'

let known: Definitions = new Map()

export const knownDefinitions = (): Definitions => known
export const keepDefinitions = (definitions: Definitions): void => {
  known = definitions
}
