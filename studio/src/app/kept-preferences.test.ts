import { expect, it } from 'vitest'
import { readKept } from './kept-preferences'

it('takes only what is a preference and has its type', () => {
  const kept = { theme: 'dark', railWords: 'yes', dismissed: ['a'], other: 1, singleKeys: false }
  expect(readKept(kept)).toEqual({ theme: 'dark', singleKeys: false })
  expect(readKept('x')).toEqual({})
})
