import { beforeEach, expect, it } from 'vitest'
import { readDefinitions } from '@/doc/definitions'
import { countUse, searchNodes } from './node-search'

const known = readDefinitions({
  LoadImage: { input: { required: {} }, output: ['IMAGE'], display_name: 'Load Image', category: 'image' },
  SaveImage: {
    input: { required: { images: ['IMAGE'] } },
    output: [],
    display_name: 'Save Image',
    category: 'image',
  },
  Decode: {
    input: { required: { samples: ['LATENT'] } },
    output: ['IMAGE'],
    display_name: 'VAE Decode',
    search_aliases: ['unlatent'],
  },
})

beforeEach(() => localStorage.clear())
const titles = (text: string, from?: Parameters<typeof searchNodes>[2]) =>
  searchNodes(known, text, from).map((definition) => definition.title)

it('finds by parts of words, by synonyms and by letters in order', () => {
  expect(titles('save')[0]).toBe('Save Image')
  expect(titles('unlatent')).toEqual(['VAE Decode'])
  expect(titles('vdcd')).toEqual(['VAE Decode'])
  expect(titles('nothing like it')).toEqual([])
})

it('offers what fits a dropped link', () => {
  const from = { node: '1', side: 'out' as const, slot: 0, type: 'IMAGE' }
  expect(titles('', from)).toContain('Save Image')
  expect(titles('', from)).not.toContain('Load Image')
  expect(titles('', { ...from, side: 'in' })).toEqual(expect.arrayContaining(['Load Image', 'VAE Decode']))
})

it('puts first what is used often', () => {
  for (let turn = 0; turn < 8; turn += 1) countUse('SaveImage')
  expect(titles('image')[0]).toBe('Save Image')
})
