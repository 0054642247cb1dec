import { expect, it } from 'vitest'
import { middleOf } from './box-work'

it('the middle of a picture in another shape is as large as it goes', () => {
  expect(middleOf({ width: 400, height: 100 }, 1)).toEqual([150, 0, 100, 100])
  expect(middleOf({ width: 100, height: 400 }, 2)).toEqual([0, 175, 100, 50])
  expect(middleOf({ width: 64, height: 64 }, 1)).toEqual([0, 0, 64, 64])
})
