import { expect, test } from 'vitest'
import { treeOf, unfolded } from './board-tree'

const tree = treeOf([
  { name: 'zoo', count: 1 },
  { name: 'animals/wild/foxes', count: 3 },
  { name: 'animals', count: 2 },
])

test('boards lie in boards, and count what is in them', () => {
  expect(tree.map(({ path, depth, count }) => [path, depth, count])).toEqual([
    ['animals', 0, 5],
    ['animals/wild', 1, 3],
    ['animals/wild/foxes', 2, 3],
    ['zoo', 0, 1],
  ])
  expect(tree[0]!.children).toBe(true)
})

test('what lies in a folded board is not shown', () => {
  expect(unfolded(tree, ['animals']).map(({ path }) => path)).toEqual(['animals', 'zoo'])
})
