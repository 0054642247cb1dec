import { expect, it } from 'vitest'
import { flood, type Pixels } from './flood'

/** Letters are greys: `#` black, `.` white, `+` nearly white, a space is transparent. */
function drawn(...rows: string[]): Pixels {
  const width = rows[0]!.length
  const data = new Uint8ClampedArray(rows.length * width * 4)
  const greys: Record<string, number[]> = {
    '#': [0, 0, 0, 255],
    '.': [255, 255, 255, 255],
    '+': [240, 240, 240, 255],
  }
  for (const [at, letter] of [...rows.join('')].entries()) data.set(greys[letter] ?? [0, 0, 0, 0], at * 4)
  return { width, height: rows.length, data }
}
const shown = (pixels: Pixels, filled: Uint8ClampedArray) =>
  Array.from({ length: pixels.height }, (_, row) =>
    [...filled.subarray(row * pixels.width, (row + 1) * pixels.width)]
      .map((value) => (value ? 'x' : '-'))
      .join(''),
  )

it('fills what hangs together, and stops at lines', () => {
  const picture = drawn('..#..', '..#..', '..#..')
  expect(shown(picture, flood(picture, 0, 0, 0))).toEqual(['xx---', 'xx---', 'xx---'])
})

it('goes around corners', () => {
  const picture = drawn('.###.', '.#...', '.#.#.', '...#.')
  expect(shown(picture, flood(picture, 0, 0, 0))).toEqual(['x---x', 'x-xxx', 'x-x-x', 'xxx-x'])
})

it('takes what is nearly the colour, as far as it is told', () => {
  const picture = drawn('.+#')
  expect(shown(picture, flood(picture, 0, 0, 4))).toEqual(['x--'])
  expect(shown(picture, flood(picture, 0, 0, 20))).toEqual(['xx-'])
})

it('fills what is transparent, and nothing outside', () => {
  const picture = drawn('  #', '# #')
  expect(shown(picture, flood(picture, 0, 0, 0))).toEqual(['xx-', '-x-'])
  expect(flood(picture, 9, 0, 0).some(Boolean)).toBe(false)
})
