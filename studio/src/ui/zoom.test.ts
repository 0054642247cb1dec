import { expect, test } from 'vitest'
import { FITTED, fittingScale, held, isLarger, panned, swipeOf, type View, zoomedTo } from './zoom'

const picture = { width: 1000, height: 500 }
const box = { width: 500, height: 500 }
const view = (change: Partial<View>): View => ({ ...FITTED, fit: false, ...change })

test('a picture fills its box, and small ones are enlarged a little only', () => {
  expect(fittingScale(picture, box)).toBe(0.5)
  expect(fittingScale({ width: 16, height: 16 }, box)).toBe(4)
  expect(fittingScale({ width: 0, height: 0 }, box)).toBe(1)
})

test('the place under the pointer stays there when one zooms', () => {
  const at = { x: 100, y: 40 }
  const before = view({ scale: 1, x: 30, y: 0 })
  const after = zoomedTo(before, 3, at, picture, box)
  expect((at.x - after.x) / after.scale).toBeCloseTo((at.x - before.x) / before.scale)
  expect((at.y - after.y) / after.scale).toBeCloseTo((at.y - before.y) / before.scale)
})

test('a picture cannot be pushed out of its box', () => {
  expect(panned(view({ scale: 1 }), { x: 9_999, y: 9_999 }, picture, box)).toMatchObject({ x: 250, y: 0 })
  expect(held({ ...FITTED, x: 40 }, picture, box).x).toBe(0)
})

test('scales have bounds', () => {
  expect(zoomedTo(view({}), 1e6, { x: 0, y: 0 }, picture, box).scale).toBe(32)
  expect(zoomedTo(view({}), 0, { x: 0, y: 0 }, picture, box).scale).toBeGreaterThan(0)
})

test('one knows whether there is more to see', () => {
  expect(isLarger(view({ scale: 0.5 }), picture, box)).toBe(false)
  expect(isLarger(view({ scale: 0.6 }), picture, box)).toBe(true)
})

test('swipes are long and straight', () => {
  expect(swipeOf({ x: -80, y: 10 })).toBe('left')
  expect(swipeOf({ x: 4, y: 90 })).toBe('down')
  expect(swipeOf({ x: 60, y: 59 })).toBeNull()
  expect(swipeOf({ x: 20, y: 0 })).toBeNull()
})
