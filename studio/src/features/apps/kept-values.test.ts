import { describe, expect, it } from 'vitest'
import { readDefinitions } from '@/doc/definitions'
import { addNode } from '@/doc/edit'
import type { FormField } from '@/doc/form'
import { emptyWorkflow } from '@/doc/workflow'
import { isSame } from './app-files'
import { changedValues, withValues } from './kept-values'

const definitions = readDefinitions({
  Sized: {
    input: {
      required: { width: ['INT', { default: 64 }], height: ['INT', { default: 64 }], text: ['STRING', {}] },
    },
    output: [],
  },
})
const first = emptyWorkflow()
const node = String(addNode(first, definitions.get('Sized')!, [0, 0]))
const places = (...widgets: string[]) => widgets.map((widget) => ({ node, widget }))
const fields: FormField[] = [
  { kind: 'field', id: 'size', label: 'Size', places: places('width', 'height'), control: { type: 'size' } },
  { kind: 'field', id: 'words', label: 'Words', places: places('text'), control: { type: 'line' } },
]

describe('values of an app', () => {
  it('are kept where they differ from what it begins with, and come back', () => {
    expect(changedValues(fields, first, first, definitions)).toEqual({})
    const now = withValues(first, fields, { words: 'a frog', gone: 1 }, definitions)
    const kept = changedValues(fields, first, now, definitions)
    expect(kept).toEqual({ words: 'a frog' })
    expect(withValues(first, fields, kept, definitions)).toEqual(now)
    expect(isSame(first, now)).toBe(true)
  })
})
