import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ratioOf, ratiosFor, sizeOf, snap, withWidth } from './sizes'

const SD = { multiple: 8, min: 64, max: 2048, pixels: 512 * 512 }

describe('sizes', () => {
  it('are on the grid and within the limits, whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.integer({ min: 64 * 64, max: 4096 * 4096 }),
        fc.constantFrom(8, 16, 32, 64),
        (ratio, pixels, multiple) => {
          const limits = { multiple, min: 64, max: 2048 }
          for (const side of Object.values(sizeOf(ratio, pixels, limits))) {
            expect(side % multiple).toBe(0)
            expect(side).toBeGreaterThanOrEqual(64)
            expect(side).toBeLessThanOrEqual(2048)
          }
        },
      ),
    )
  })
  it('keep about as many pixels', () => {
    const { width, height } = sizeOf(16 / 9, 1024 * 1024, { multiple: 8, min: 64, max: 4096 })
    expect(Math.abs(width * height - 1024 * 1024) / 1024 ** 2).toBeLessThan(0.03)
  })
  it('are snapped', () => {
    expect(snap(513, SD)).toBe(512)
    expect(snap(1, SD)).toBe(64)
    expect(snap(9999, SD)).toBe(2048)
  })
  it('keep their ratio when one side changes', () => {
    expect(withWidth({ width: 512, height: 768 }, 256, SD)).toEqual({ width: 256, height: 384 })
  })
  it('have names where they are close to one', () => {
    expect(ratioOf({ width: 1024, height: 1024 })?.name).toBe('1:1')
    expect(ratioOf({ width: 1000, height: 300 })).toBeUndefined()
  })
  it('offer each size once', () => {
    const sizes = ratiosFor(128 * 128, { multiple: 8, min: 64, max: 512 }).map(
      ({ size }) => `${size.width}x${size.height}`,
    )
    expect(new Set(sizes).size).toBe(sizes.length)
  })
})
