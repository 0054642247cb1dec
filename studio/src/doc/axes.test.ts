import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AxisRange, MOST_VALUES, parseAxis, permuteAxis, replaceAxis } from './axes'

const whole: AxisRange = { kind: 'whole' }
const number: AxisRange = { kind: 'number' }
const values = (text: string, range: AxisRange) => parseAxis(text, range).values.map((entry) => entry.value)
const problem = (text: string, range: AxisRange) => parseAxis(text, range).problem?.code

describe('numbers', () => {
  it.each([
    ['1, 2, 3', [1, 2, 3]],
    ['1, 2, .., 10', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['10, 8, .., 2', [10, 8, 6, 4, 2]],
    ['1, .., 4', [1, 2, 3, 4]],
    ['1-10 (+3)', [1, 4, 7, 10]],
    ['10-1 (-4)', [10, 6, 2]],
    ['3-5', [3, 4, 5]],
    ['-3--1', [-3, -2, -1]],
    ['1-9 [3], 20', [1, 5, 9, 20]],
    ['1, 1, 2', [1, 2]],
    ['1 || 2', [1, 2]],
  ])('%s', (text, expected) => expect(values(text, whole)).toEqual(expected))

  it.each([
    ['0.1-0.9 [5]', [0.1, 0.3, 0.5, 0.7, 0.9]],
    ['0.1, 0.2, .., 0.5', [0.1, 0.2, 0.3, 0.4, 0.5]],
    ['1-2 (+0.25)', [1, 1.25, 1.5, 1.75, 2]],
    ['1e-3, .5', [0.001, 0.5]],
  ])('%s', (text, expected) => expect(values(text, number)).toEqual(expected))

  it.each([
    ['', 'empty'],
    ['a', 'number'],
    ['1.5', 'whole'],
    ['.., 4', 'dots'],
    ['1, 2, ..', 'dots'],
    ['5, 4, .., 9', 'dots'],
    ['1-10 (-3)', 'step'],
    ['1-9 [0]', 'count'],
    ['1-5000', 'many'],
  ])('%s is refused', (text, code) => expect(problem(text, whole)).toBe(code))

  it('knows limits, and that ranges of numbers need a step', () => {
    expect(problem('1, 200', { kind: 'whole', min: 1, max: 100 })).toBe('range')
    expect(problem('0.1-0.9', number)).toBe('step')
  })

  it('gives back any list of numbers', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 50 }),
        (list) => {
          expect(values(list.join(', '), whole)).toEqual(list)
        },
      ),
    )
  })

  it('counts as many as were asked for, from one end to the other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 501, max: 9000 }),
        fc.integer({ min: 2, max: 60 }),
        (from, to, count) => {
          const found = values(`${from}-${to} [${count}]`, number) as number[]
          expect(found).toHaveLength(count)
          expect(found[0]).toBe(from)
          expect(found.at(-1)).toBe(to)
          expect([...found].sort((one, other) => one - other)).toEqual(found)
        },
      ),
    )
  })

  it('never throws and never gives too many', () => {
    const part = fc.constantFrom(
      '1',
      '-2',
      '0.5',
      '..',
      '1-9',
      '(+2)',
      '[3]',
      ',',
      ' ',
      '||',
      'a',
      '*',
      '-',
      '1e9',
    )
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 14 }),
        fc.constantFrom('whole', 'number', 'text', 'choice', 'switch'),
        (parts, kind) => {
          const result = parseAxis(parts.join(''), { kind: kind as AxisRange['kind'], choices: ['a', 'b1'] })
          expect(result.values.length).toBeLessThanOrEqual(MOST_VALUES)
          expect(result.problem === undefined).toBe(result.values.length > 0)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('texts, choices, switches', () => {
  it('splits texts at commas, or at bars if they hold commas', () => {
    expect(values('a cat, a dog', { kind: 'text' })).toEqual(['a cat', 'a dog'])
    expect(values('red, green || blue, grey', { kind: 'text' })).toEqual(['red, green', 'blue, grey'])
  })

  it('finds choices by name, part and pattern', () => {
    const range: AxisRange = { kind: 'choice', choices: ['euler', 'euler_ancestral', 'dpmpp_2m', 'Heun'] }
    expect(values('euler, heun, 2m', range)).toEqual(['euler', 'Heun', 'dpmpp_2m'])
    expect(values('euler*', range)).toEqual(['euler', 'euler_ancestral'])
    expect(values('*', range)).toHaveLength(4)
    expect(problem('nothing', range)).toBe('choice')
    expect(problem('eul', range)).toBe('choice')
  })

  it('reads switches', () => {
    expect(values('*', { kind: 'switch' })).toEqual([true, false])
    expect(values('on, no', { kind: 'switch' })).toEqual([true, false])
    expect(problem('maybe', { kind: 'switch' })).toBe('switch')
  })

  it('replaces a word of a text', () => {
    const found = replaceAxis('a cat and a cat', 'cat, dog, fox')
    expect(found.values).toEqual([
      { label: 'cat', value: 'a cat and a cat' },
      { label: 'dog', value: 'a dog and a dog' },
      { label: 'fox', value: 'a fox and a fox' },
    ])
    expect(replaceAxis('a cat', 'bird, dog').problem).toEqual({ code: 'absent', token: 'bird' })
    expect(replaceAxis('a cat', 'cat').problem?.code).toBe('few')
  })

  it('puts words in every order, each once', () => {
    const found = permuteAxis('oil, red, calm', 'oil, red, calm').values
    expect(found).toHaveLength(6)
    expect(new Set(found.map((entry) => entry.value)).size).toBe(6)
    expect(found[0]!.value).toBe('oil, red, calm')
    expect(permuteAxis('a', 'a, b').problem?.code).toBe('absent')
  })

  it('keeps all words whatever the order', () => {
    const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,6}$/), { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(words, (list) => {
        fc.pre(list.every((word) => list.every((other) => word === other || !other.includes(word))))
        const text = list.join(' and ')
        for (const { value } of permuteAxis(text, list.join(', ')).values)
          expect(String(value).split(' and ').sort()).toEqual([...list].sort())
      }),
    )
  })
})
