import { expect, it } from 'vitest'
import { fittingSize } from './carried-picture'

it('pictures of forms shrink to what is shown, and never grow', () => {
  expect(fittingSize(4096, 2048)).toEqual({ width: 1024, height: 512 })
  expect(fittingSize(128, 96)).toEqual({ width: 128, height: 96 })
  expect(fittingSize(5000, 1)).toEqual({ width: 1024, height: 1 })
})
