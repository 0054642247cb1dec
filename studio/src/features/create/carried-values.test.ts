import { describe, expect, it } from 'vitest'
import type { DrawingModel } from '@/form/recipe-list'
import { carriedValues } from './carried-values'

const model = (name: string, side: number, steps: number): DrawingModel => ({
  name,
  title: name,
  family: { id: name, title: name },
  builtin: false,
  tasks: ['text', 'image'],
  defaults: { width: side, height: side, steps, guidance: 5, sampler: 'one', schedule: 'even' },
  sizes: { multiple: 8, min: 64, max: 4096, pixels: side * side },
  negative: true,
  prompt: `example of ${name}`,
})

const small = model('small', 128, 20)
const large = model('large', 1024, 30)

describe('values that go along to another model', () => {
  it('what was a default becomes the new default; what was set stays', () => {
    const next = carriedValues(
      { 'sampler.steps': 20, 'sampler.cfg': 9, 'sampler.seed': 4, 'prompt.positive': 'a cat' },
      { from: small, to: large, otherTask: false },
    )
    expect(next).toEqual({ 'sampler.cfg': 9, 'sampler.seed': 4, 'prompt.positive': 'a cat' })
  })
  it('an example gives way to the new one', () => {
    const next = carriedValues(
      { 'prompt.positive': 'example of small' },
      { from: small, to: large, otherTask: false },
    )
    expect(next['prompt.positive']).toBeUndefined()
  })
  it('a size keeps its ratio and gets as many pixels as the new model likes', () => {
    const next = carriedValues(
      { 'size.width': 160, 'size.height': 80 },
      { from: small, to: large, otherTask: false },
    )
    expect(Number(next['size.width']) / Number(next['size.height'])).toBeCloseTo(2, 1)
    expect(Number(next['size.width']) * Number(next['size.height'])).toBeGreaterThan(900_000)
  })
  it('files of the old model stay behind, and so does the strength of another task', () => {
    const next = carriedValues(
      { 'model.main': 'small', output: 'x', 'sampler.denoise': 1 },
      { from: small, to: small, otherTask: true },
    )
    expect(next).toEqual({ output: 'x' })
  })
  it("a model's own size gives way to the new one's", () => {
    const next = carriedValues(
      { 'size.width': 128, 'size.height': 128 },
      { from: small, to: large, otherTask: false },
    )
    expect(next).toEqual({})
  })
})
