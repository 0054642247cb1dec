import { expect, it } from 'vitest'
import type { FlowNode } from '../state/elements'
import { type Target, targetBelow } from './insert'

const node = (x: number, y: number): FlowNode => ({
  id: '1',
  position: { x, y },
  width: 100,
  height: 200,
  data: {},
})
const target = (id: number, y: number): Target => ({
  id,
  way: Array.from({ length: 11 }, (_, at) => ({ x: at * 100, y })),
  input: 0,
  output: 0,
})

it('finds the link that a node lies on with its upper part', () => {
  const targets = [target(1, 50), target(2, 90)]
  expect(targetBelow(targets, node(150, 20))?.id).toBe(1)
  expect(targetBelow(targets, node(150, 60))?.id).toBe(2)
  expect(targetBelow(targets, node(150, -100))).toBeUndefined()
  expect(targetBelow(targets, node(1100, 20))).toBeUndefined()
})
