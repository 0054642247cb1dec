import { describe, expect, it } from 'vitest'
import type { ModelEntry } from './model-data'
import { chosenModels, counted, shortName, titleOf } from './model-names'

const entry = (change: Partial<ModelEntry>): ModelEntry => ({
  kind: 'loras',
  name: 'a.safetensors',
  size: 1,
  modified: 0,
  own: true,
  builtin: false,
  sha256: '',
  source: '',
  url: '',
  licence: '',
  title: '',
  page: '',
  format: 'safetensors',
  precision: '',
  parameters: 0,
  seems: '',
  family: '',
  family_title: '',
  triggers: [],
  problem: '',
  picture: '',
  workflows: 0,
  jobs: 0,
  last_used: 0,
  ...change,
})

describe('names of models', () => {
  it('loses folders and suffixes', () => {
    expect(shortName('soft/ink-2.1.safetensors')).toBe('ink-2.1')
    expect(titleOf(entry({ title: 'Ink', name: 'x.gguf' }))).toBe('Ink')
  })
  it('is found by words in anything that is known', () => {
    const models = [
      entry({ name: 'ink.safetensors', triggers: ['soft lines'] }),
      entry({ name: 'b.sft', size: 9 }),
    ]
    const filter = { text: 'lines ink', kind: '', family: '', order: 'name' as const }
    expect(chosenModels(models, filter).map(({ name }) => name)).toEqual(['ink.safetensors'])
    expect(chosenModels(models, { ...filter, text: '', order: 'size' })[0]!.name).toBe('b.sft')
  })
  it('counts kinds', () => {
    expect(counted([entry({}), entry({}), entry({ kind: 'vae' })], 'kind')).toEqual([
      ['loras', 2],
      ['vae', 1],
    ])
  })
})
