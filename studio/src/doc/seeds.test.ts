// @vitest-environment node
import { expect, test } from 'vitest'
import { advanceSeeds, nextSeed } from './seeds'
import type { Workflow } from './workflow'

test('a seed of 64 bits moves on exactly, and begins anew after the last one', () => {
  expect(nextSeed(18446744073709551614n, 'increment')).toBe(18446744073709551615n)
  expect(nextSeed(18446744073709551615n, 'increment')).toBe(0)
  expect(nextSeed(9007199254740992n, 'decrement')).toBe(9007199254740991)
  expect(nextSeed(18446744073709551615n, 'fixed')).toBe(18446744073709551615n)
  expect(typeof nextSeed(18446744073709551615n, 'randomize')).toBe('number')
})

test('it moves on in its node', () => {
  const node = {
    id: 1,
    type: 'KSampler',
    pos: [0, 0],
    widgets_values: [18446744073709551613n, 'increment', 20],
  }
  const { nodes } = advanceSeeds({ nodes: [node], links: [] } as unknown as Workflow)
  expect(nodes[0]?.widgets_values).toEqual([18446744073709551614n, 'increment', 20])
})
