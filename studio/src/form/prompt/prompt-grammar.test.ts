import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  completed,
  completingAt,
  looksLikeSettings,
  needsExpanding,
  partsOf,
  weighted,
} from './prompt-grammar'

describe('the parts of a prompt', () => {
  it('finds LoRAs, wildcards, choices and weights', () => {
    const kinds = partsOf('a {red|blue} __animal__ (cat:1.2) <lora:ink:0.8>').map((part) => part.kind)
    expect(kinds).toEqual(expect.arrayContaining(['text', 'choice', 'wildcard', 'weight', 'lora']))
  })
  it('loses nothing, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab {}|_<>():,1.lora'.split('')) }), (text) => {
        expect(
          partsOf(text)
            .map((part) => part.text)
            .join(''),
        ).toBe(text)
      }),
    )
  })
  it('knows what the server has to draw', () => {
    expect(needsExpanding('a cat')).toBe(false)
    expect(needsExpanding('snake_case and __init')).toBe(false)
    expect(needsExpanding('__animal__')).toBe(true)
    expect(needsExpanding('{a|b}')).toBe(true)
    expect(needsExpanding('<lora:x:1>')).toBe(true)
  })
})

describe('weights', () => {
  it('weighs what is selected, then changes that weight', () => {
    const once = weighted({ text: 'a cat, a dog', start: 2, end: 5 }, 1)
    expect(once.text).toBe('a (cat:1.05), a dog')
    expect(weighted(once, 1).text).toBe('a (cat:1.1), a dog')
    expect(weighted(once, -1).text).toBe('a cat, a dog')
  })
  it('weighs the word at the caret', () => {
    expect(weighted({ text: 'blue sky', start: 6, end: 6 }, -1).text).toBe('blue (sky:0.95)')
  })
  it('there and back is where it began', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), (times) => {
        let now = { text: 'a red fox', start: 2, end: 5 }
        for (let turn = 0; turn < times; turn += 1) now = weighted(now, 1)
        for (let turn = 0; turn < times; turn += 1) now = weighted(now, -1)
        expect(now.text).toBe('a red fox')
      }),
    )
  })
})

describe('completing', () => {
  it('sees what is being written', () => {
    expect(completingAt('a <lora:in', 10)).toMatchObject({ kind: 'lora', query: 'in', from: 2 })
    expect(completingAt('a __an', 6)).toMatchObject({ kind: 'wildcard', query: 'an' })
    expect(completingAt('a __an__', 8)).toBeNull()
    expect(completingAt('embedding:bad', 13)).toMatchObject({ kind: 'embedding', query: 'bad', from: 0 })
  })
  it('writes what was chosen', () => {
    expect(completed('lora', 'ink.safetensors')).toBe('<lora:ink:1>')
    expect(completed('wildcard', 'animal')).toBe('__animal__')
  })
})

it('tells settings from words', () => {
  expect(looksLikeSettings('a cat\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 1')).toBe(true)
  expect(looksLikeSettings('{"1": {"class_type": "KSampler", "inputs": {}}}')).toBe(true)
  expect(looksLikeSettings('ten steps: up a hill')).toBe(false)
})
