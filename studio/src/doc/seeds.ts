/** What happens to seeds after a run: a seed widget with "control after generate" moves on as it says. */
import { produce } from 'immer'
import { plainIfSafe } from './exact-numbers'
import type { Workflow, WorkflowNode } from './workflow'

export const NEXT_SEED = 'Next seed'

const CONTROLS = new Set(['fixed', 'increment', 'decrement', 'randomize'])
/** Largest seed that is drawn here: what a double holds exactly. */
export const LARGEST_SEED = Number.MAX_SAFE_INTEGER
/** The last seed that nodes take. */
const LAST_SEED = 2n ** 64n - 1n

/** The workflow for the next run: seeds moved as the control beside each of them says. */
export const advanceSeeds = (workflow: Workflow): Workflow =>
  produce(workflow, (draft) => {
    for (const node of draft.nodes) advanceNode(node as WorkflowNode)
    for (const definition of draft.definitions?.subgraphs ?? []) {
      for (const node of definition.nodes) advanceNode(node as WorkflowNode)
    }
  })

function advanceNode(node: WorkflowNode): void {
  const values = node.widgets_values
  if (!Array.isArray(values)) return
  for (let at = 1; at < values.length; at += 1) {
    const before = values[at - 1]
    const seed = typeof before === 'number' || typeof before === 'bigint'
    if (typeof values[at] === 'string' && CONTROLS.has(values[at] as string) && seed) {
      values[at - 1] = nextSeed(before, values[at] as string)
    }
  }
}

/** The seed after this one. One that no double holds goes on as exactly, up to 2^64-1. */
export function nextSeed(seed: number | bigint, control: string): number | bigint {
  if (typeof seed === 'bigint' && control === 'increment') return seed >= LAST_SEED ? 0 : seed + 1n
  if (typeof seed === 'bigint' && control === 'decrement') return plainIfSafe(seed - 1n)
  if (typeof seed === 'bigint') return control === 'randomize' ? randomSeed() : seed
  if (control === 'increment') return seed >= LARGEST_SEED ? 0 : seed + 1
  if (control === 'decrement') return seed <= 0 ? LARGEST_SEED : seed - 1
  if (control === 'randomize') return randomSeed()
  return seed
}

/** A seed drawn at random, 0..2^53-1. */
export const randomSeed = (): number => {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number]
  return (high & 0x1fffff) * 2 ** 32 + low
}
