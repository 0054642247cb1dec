import { expect, test } from 'vitest'
import { beside, boxesOf, GAP, layOut, picturesIn, rowOf } from './layout'

const wish = {
  total: 10,
  days: [],
  shapes: [[150, 10]] as [number, number][],
  width: 1000,
  size: 200,
  square: false,
}

test('rows fill the width', () => {
  const layout = layOut(wish)
  for (const row of layout.rows.slice(0, -1)) {
    const last = boxesOf(layout, row).at(-1)!
    expect(last.left + last.width).toBeCloseTo(1000, 1)
  }
  expect(layout.rows.reduce((sum, row) => sum + row.count, 0)).toBe(10)
  expect(layout.height).toBeCloseTo(layout.rows.at(-1)!.top + layout.rows.at(-1)!.height)
})

test('days stand above their pictures and begin a row', () => {
  const layout = layOut({
    ...wish,
    days: [
      ['2026-11-30', 1],
      ['2026-11-29', 9],
    ],
  })
  expect(layout.rows.map((row) => row.day).filter(Boolean)).toEqual(['2026-11-30', '2026-11-29'])
  expect(layout.rows[1]).toMatchObject({ first: 0, count: 1, size: 200 })
  expect(layout.rows[3]!.first).toBe(1)
})

test('squares are square', () => {
  const layout = layOut({ ...wish, square: true, size: 240 })
  const boxes = boxesOf(layout, layout.rows[0]!)
  expect(boxes.length).toBe(4)
  expect(boxes[1]!.left).toBeCloseTo(boxes[0]!.width + GAP)
  expect(boxes[0]!.width).toBe(boxes[0]!.height)
})

test('pictures are found by place', () => {
  const layout = layOut({ ...wish, square: true, size: 240 })
  expect(rowOf(layout, 5)).toBe(1)
  expect(beside(layout, 1, true)).toBe(5)
  expect(beside(layout, 5, false)).toBe(1)
  expect(beside(layout, 9, true)).toBe(9)
  expect(picturesIn(layout, { left: 0, top: 0, width: 300, height: 300 })).toEqual([0, 1, 4, 5])
})

test('a hundred thousand are laid out at once', () => {
  // Time of the processor, not of the wall: other tests run beside this one.
  const began = process.cpuUsage()
  const shapes = Array.from({ length: 50_000 }, (_, at): [number, number] => [at % 2 ? 150 : 75, 2])
  const layout = layOut({ ...wish, total: 100_000, shapes })
  expect(layout.rows.at(-1)!.first + layout.rows.at(-1)!.count).toBe(100_000)
  expect(process.cpuUsage(began).user / 1_000).toBeLessThan(1_000)
})

test('nothing is nothing', () => {
  expect(layOut({ ...wish, total: 0, shapes: [] })).toMatchObject({ rows: [], height: 0 })
})
