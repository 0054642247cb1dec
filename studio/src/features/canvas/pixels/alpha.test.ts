import { expect, it } from 'vitest'
import { type Alpha, blurred, coverage, feathered, grown, inverted, joined } from './alpha'

function square(side: number, from: number, to: number): Alpha {
  const data = new Uint8ClampedArray(side * side)
  for (let y = from; y < to; y += 1) data.fill(255, y * side + from, y * side + to)
  return { width: side, height: side, data }
}
const at = ({ width, data }: Alpha, x: number, y: number) => data[y * width + x]

it('grows by whole pixels to all sides', () => {
  const wide = grown(square(20, 8, 12), 3)
  expect(at(wide, 5, 5)).toBe(255)
  expect(at(wide, 4, 10)).toBe(0)
  expect(at(wide, 14, 14)).toBe(255)
  expect(at(wide, 15, 10)).toBe(0)
})

it('a feathered mask is full where it was painted, and ends as far outside as it says', () => {
  const soft = feathered(square(60, 20, 40), 8)
  expect(at(soft, 20, 30)).toBe(255)
  expect(at(soft, 39, 39)).toBe(255)
  expect(at(soft, 11, 30)).toBe(0)
  const slope = [12, 13, 14, 15, 16, 17, 18].map((x) => at(soft, x, 30)!)
  expect(slope).toEqual([...slope].sort((one, other) => one - other))
  expect(slope.some((value) => value > 0 && value < 255)).toBe(true)
})

it('keeps a mask that fills everything', () => {
  expect(coverage(feathered(square(16, 0, 16), 6))).toBe(1)
  expect(coverage(blurred(square(16, 0, 16), 2))).toBe(1)
})

it('counts, joins and turns around', () => {
  expect(coverage(square(10, 0, 5))).toBeCloseTo(0.25)
  expect(coverage(joined(square(10, 0, 5), square(10, 5, 10)))).toBeCloseTo(0.5)
  expect(coverage(inverted(square(10, 0, 5)))).toBeCloseTo(0.75)
})

it('keeps the sides of what is not square', () => {
  const flat: Alpha = { width: 6, height: 3, data: new Uint8ClampedArray(18) }
  flat.data[8] = 255
  const wide = grown(flat, 1)
  expect([wide.width, wide.height]).toEqual([6, 3])
  expect([...wide.data.slice(7, 10)]).toEqual([255, 255, 255])
  expect(wide.data[0]).toBe(0)
})
