import { expect, it } from 'vitest'
import { MOST_REFERENCES, movedTo, withMore } from './reference-list'

it('moves one, and stays within the list', () => {
  expect(movedTo(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
  expect(movedTo(['a', 'b', 'c'], 2, -1)).toEqual(['c', 'a', 'b'])
  expect(movedTo(['a'], 3, 0)).toEqual(['a'])
})

it('takes as many as there is room for', () => {
  expect(withMore(['a'], ['', 'b'])).toEqual(['a', 'b'])
  expect(withMore([], Array(20).fill('x'))).toHaveLength(MOST_REFERENCES)
})
