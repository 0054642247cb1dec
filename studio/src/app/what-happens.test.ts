import { describe, expect, it } from 'vitest'
import { commonKind, type Kind, kindOf, outcomesOf } from './what-happens'

const deeds = (screen: string, kind: Kind, count = 1, shift = false) =>
  outcomesOf(screen, kind, count, shift).map(({ deed }) => deed)

describe('what is dropped', () => {
  it('is told by type, and by name once it has one', () => {
    expect(kindOf({ type: 'image/webp' })).toBe('picture')
    expect(kindOf({ type: '', name: 'a.safetensors' })).toBe('model')
    expect(kindOf({ type: '', name: 'a.app.json' })).toBe('document')
    expect(kindOf({ type: 'application/json' })).toBe('document')
    expect(kindOf({ type: 'video/mp4' })).toBe('media')
    expect(kindOf({ type: 'text/plain' })).toBe('text')
    expect(kindOf({ type: '' })).toBe('unknown')
    expect(commonKind(['picture', 'picture'])).toBe('picture')
    expect(commonKind(['picture', 'model'])).toBe('unknown')
    expect(commonKind([])).toBe('unknown')
  })
})

describe('what happens', () => {
  it.each([
    ['create', 'picture', ['settings', 'input']],
    ['canvas', 'picture', ['layer', 'mask', 'control', 'reference', 'settings']],
    ['graph', 'picture', ['open']],
    ['gallery', 'picture', ['import']],
    ['models', 'picture', []],
    ['create', 'document', ['open']],
    ['graph', 'document', ['open']],
    ['gallery', 'document', []],
    ['create', 'model', ['install']],
    ['graph', 'model', ['install']],
    ['create', 'text', ['prompt']],
    ['graph', 'text', ['note']],
    ['models', 'text', []],
    ['graph', 'media', ['loader']],
    ['gallery', 'media', ['import']],
    ['create', 'unknown', ['open']],
  ] as [string, Kind, string[]][])('on %s with a %s', (screen, kind, expected) => {
    expect(deeds(screen, kind)).toEqual(expected)
  })

  it('depends on Shift and on how many there are', () => {
    expect(deeds('graph', 'picture', 1, true)).toEqual(['node'])
    expect(deeds('graph', 'picture', 3)).toEqual(['node'])
    expect(deeds('create', 'picture', 3)).toEqual(['input'])
  })
})
