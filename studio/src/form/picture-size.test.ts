import { describe, expect, it } from 'vitest'
import { sizeForPicture } from './picture-size'

const MODEL = { multiple: 8, min: 64, max: 2048, pixels: 512 * 512 }

describe('a picture that is drawn over', () => {
  it('keeps its size where the model is at home in it', () => {
    expect(sizeForPicture({ width: 640, height: 480 }, MODEL)).toEqual({ width: 640, height: 480 })
  })
  it('keeps its ratio where it is larger or smaller', () => {
    const large = sizeForPicture({ width: 6000, height: 4000 }, MODEL)
    expect(large.width / large.height).toBeCloseTo(1.5, 1)
    expect(large.width * large.height).toBeLessThan(512 * 512 * 1.1)
    const small = sizeForPicture({ width: 60, height: 120 }, MODEL)
    expect(small.height / small.width).toBeCloseTo(2, 1)
    expect(small.width * small.height).toBeGreaterThan(512 * 512 * 0.9)
  })
})
