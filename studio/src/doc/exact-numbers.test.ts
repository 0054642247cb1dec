// @vitest-environment node
import { expect, test, vi } from 'vitest'
import { isWhole, onRounded, parseExact, plainIfSafe } from './exact-numbers'

test('digits beyond 2^53 are read as they stand', () => {
  const text = String.raw`{"seed": 18446744073709551615, "low": [-9007199254740993], "safe":9007199254740991,
    "name": "18446744073709551615", "quoted": "\" 18446744073709551615", "18446744073709551615": 1}`
  expect(parseExact(text)).toEqual({
    ...JSON.parse(text),
    seed: 18446744073709551615n,
    low: [-9007199254740993n],
  })
  expect(() => parseExact('{"seed": 018446744073709551615}')).toThrow(SyntaxError)
})

test('long texts are read too', () => {
  const data = 'A"\\1'.repeat(500_000)
  expect(parseExact(JSON.stringify([data, 1]).replace(/1]$/, '18446744073709551615]'))).toEqual([
    data,
    18446744073709551615n,
  ])
})

test('what is no whole number stays a plain one', () => {
  expect(parseExact('[0.1234567890123456, 1e21, 1234567890123456.5]')).toEqual([
    0.1234567890123456, 1e21, 1234567890123456.5,
  ])
})

test('digits are written where the browser can, else rounded, and that is said', () => {
  const heard = vi.fn()
  const stop = onRounded(heard)
  const json = JSON as { rawJSON?: unknown }
  const own = json.rawJSON
  try {
    json.rawJSON = undefined
    expect(JSON.stringify([2n ** 64n - 1n])).toBe('[18446744073709552000]')
    expect(heard).toHaveBeenCalledOnce()
    json.rawJSON = (text: string) => ({ raw: text })
    expect(JSON.stringify([2n ** 64n - 1n])).toBe('[{"raw":"18446744073709551615"}]')
    expect(heard).toHaveBeenCalledOnce()
  } finally {
    json.rawJSON = own
    stop()
  }
})

test('whole numbers of either kind', () => {
  expect([1, 2n, 1.5, '1', null].map(isWhole)).toEqual([true, true, false, false, false])
  expect(plainIfSafe(9007199254740991n)).toBe(9007199254740991)
  expect(plainIfSafe(9007199254740992n)).toBe(9007199254740992n)
})
