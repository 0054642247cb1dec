import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FormElement } from '@/doc/form'
import { flatElements, freeId, moveElement, removeElement, stepElement } from './form-edits'

const text = (id: string): FormElement => ({ kind: 'text', id, text: id })
const section = (id: string, children: FormElement[]): FormElement => ({ kind: 'section', id, children })
const form = (): FormElement[] => [text('a'), section('s', [text('b'), text('c')]), text('d')]
const drawn = (elements: readonly FormElement[]): string =>
  flatElements(elements)
    .map(({ element, depth }) => '.'.repeat(depth) + element.id)
    .join(' ')

describe('steps', () => {
  test('lead into a section, through it and out of it', () => {
    let elements: FormElement[] = form()
    const seen = [1, 1, 1, 1, 1].map(() => {
      elements = stepElement(elements, 'a', 1)
      return drawn(elements)
    })
    expect(seen).toEqual(['s .a .b .c d', 's .b .a .c d', 's .b .c .a d', 's .b .c a d', 's .b .c d a'])
  })

  test('back lead the same way', () => {
    expect(drawn(stepElement(form(), 'd', -1))).toBe('a s .b .c .d')
    expect(drawn(stepElement(form(), 'b', -1))).toBe('a b s .c d')
  })
})

test('an element is dropped before another one, or into a section', () => {
  expect(drawn(moveElement(form(), 'd', { before: 'c' }))).toBe('a s .b .d .c')
  expect(drawn(moveElement(form(), 'a', { into: 's' }))).toBe('s .b .c .a d')
  expect(drawn(moveElement(form(), 's', { before: 'b' }))).toBe('a s .b .c d')
})

test('whatever is moved, nothing is lost or doubled', () => {
  const ids = ['a', 'b', 'c', 'd', 's']
  const move = fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids), fc.nat(3))
  fc.assert(
    fc.property(fc.array(move), (moves) => {
      let elements: FormElement[] = form()
      for (const [id, other, how] of moves) {
        if (how === 0) elements = moveElement(elements, id, { before: other })
        else if (how === 1) elements = moveElement(elements, id, { into: 's' })
        else elements = stepElement(elements, id, how === 2 ? 1 : -1)
      }
      expect(
        flatElements(elements)
          .map(({ element }) => element.id)
          .sort(),
      ).toEqual(ids)
    }),
  )
})

test('ids are free, and what is removed is gone', () => {
  expect(freeId([text('text-1')], 'text')).toBe('text-2')
  expect(drawn(removeElement(form(), 'b'))).toBe('a s .c d')
})
