import { expect, test } from 'vitest'
import type { Facets } from './pictures'
import { suggest } from './suggest'

const facets = {
  models: [
    { name: 'ink v2.safetensors', count: 3 },
    { name: 'sdxl.safetensors', count: 1200 },
  ],
  loras: [],
  apps: [],
  tags: [{ name: 'fox', count: 1 }],
  boards: [],
  days: [],
} as unknown as Facets

const chipsOf = (text: string) => suggest(text, facets).map((suggestion) => suggestion.chip)

test('an empty field shows what there is, a word the chips that begin so', () => {
  expect(chipsOf('').length).toBeGreaterThan(10)
  expect(chipsOf('ra')).toEqual(['rating>'])
  expect(chipsOf('red -mo')).toEqual(['-model:'])
  expect(chipsOf('fox ')).toEqual([])
})

test('a chip is filled with what the gallery has', () => {
  expect(chipsOf('red model:')).toEqual(['model:"ink v2.safetensors"', 'model:sdxl.safetensors'])
  expect(suggest('red model:sd', facets)[0]).toMatchObject({
    text: 'red model:sdxl.safetensors ',
    help: '1,200 pictures',
  })
  expect(chipsOf('model:"ink v')).toEqual(['model:"ink v2.safetensors"'])
  expect(chipsOf('tag:fox')).toEqual([])
})
