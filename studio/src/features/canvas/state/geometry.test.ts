import { describe, expect, it } from 'vitest'
import { IDENTITY, type Matrix, matrixOf, mirrored, placementOf } from './geometry'

const RECT = { x: 10, y: 20, width: 100, height: 60 }
const isNear = (one: Matrix, other: Matrix) => {
  for (const [at, value] of one.entries()) expect(value).toBeCloseTo(other[at]!, 6)
}

describe('placements', () => {
  it('read as they were written', () => {
    for (const degrees of [-170, -90, -30, 0, 45, 90, 135])
      for (const width of [50, 100, -80])
        for (const height of [60, -30]) {
          const matrix = matrixOf({ x: 3, y: -7, width, height, degrees }, RECT)
          isNear(matrixOf(placementOf(matrix, RECT), RECT), matrix)
        }
  })

  it('mirror without a turn', () => {
    const plain = placementOf(IDENTITY, RECT)
    for (const side of ['width', 'height'] as const) {
      const seen = placementOf(matrixOf(mirrored(plain, side), RECT), RECT)
      expect(seen.degrees).toBeCloseTo(0, 6)
      expect(seen[side]).toBeCloseTo(-RECT[side], 6)
      expect([seen.x, seen.y]).toEqual([10, 20])
    }
  })

  it('come back when they are mirrored twice', () => {
    const turned = matrixOf({ x: 0, y: 0, width: 100, height: 60, degrees: 30 }, RECT)
    const once = matrixOf(mirrored(placementOf(turned, RECT), 'width'), RECT)
    isNear(matrixOf(mirrored(placementOf(once, RECT), 'width'), RECT), turned)
  })
})
