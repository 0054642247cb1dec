import { expect, it } from 'vitest'
import { addLook, speedOf } from './pull-speed'

it('measures over the last seconds of one file', () => {
  let looks = addLook([], { at: 0, done: 0, file: 'a' })
  expect(speedOf(looks)).toBeUndefined()
  looks = addLook(looks, { at: 2000, done: 4_000_000, file: 'a' })
  expect(speedOf(looks)).toBe(2_000_000)
  looks = addLook(looks, { at: 3000, done: 10, file: 'b' })
  expect(looks).toHaveLength(1)
})
