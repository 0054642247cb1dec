import { expect, it } from 'vitest'
import { numberOf, SETTINGS, withSetting } from './recommended'

it('reads numbers within what makes sense; nothing means the usual one', () => {
  const [steps, guidance] = SETTINGS
  expect(numberOf('7.6', steps!)).toBe(8)
  expect(numberOf('0', steps!)).toBe(1)
  expect(numberOf('3,5', guidance!)).toBe(3.5)
  expect(numberOf(' ', steps!)).toBeUndefined()
  expect(numberOf('many', steps!)).toBeUndefined()
})

it('a setting is set and taken away', () => {
  expect(withSetting({ a: 1 }, 'b', 2)).toEqual({ a: 1, b: 2 })
  expect(withSetting({ a: 1, b: 2 }, 'a', undefined)).toEqual({ b: 2 })
})
