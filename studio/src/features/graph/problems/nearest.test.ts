import { expect, it } from 'vitest'
import { nearest } from './nearest'

it('finds what was meant', () => {
  const files = ['sdxl/base-1.0.safetensors', 'other.ckpt', 'tiny.safetensors']
  expect(nearest('base_1.0.safetensors', files, 1)).toEqual(['sdxl/base-1.0.safetensors'])
  expect(nearest('eulr', ['euler', 'heun', 'ddim'], 1)).toEqual(['euler'])
})

it('offers something where nothing is near', () => {
  expect(nearest('zzz', ['a', 'b'], 2)).toHaveLength(2)
})
