import { describe, expect, it } from 'vitest'
import { readDefinitions } from '@/doc/definitions'
import { addNode } from '@/doc/edit'
import type { FormField } from '@/doc/form'
import { readPlace } from '@/doc/widgets'
import { emptyWorkflow } from '@/doc/workflow'
import { readField, writeField } from './field-values'

const definitions = readDefinitions({
  Sized: {
    input: { required: { width: ['INT', { default: 64 }], height: ['INT', { default: 64 }] } },
    output: [],
  },
})

describe('a size', () => {
  it('is written to all nodes that it stands in', () => {
    const workflow = emptyWorkflow()
    const ids = [0, 1, 2].map((at) => String(addNode(workflow, definitions.get('Sized')!, [at * 300, 0])))
    const places = ids.flatMap((node) => ['width', 'height'].map((widget) => ({ node, widget })))
    const field: FormField = { kind: 'field', id: 'size', label: 'Size', places, control: { type: 'size' } }
    writeField(workflow, definitions, field, { width: 320, height: 192 })
    expect(places.map((place) => readPlace(workflow, definitions, place))).toEqual([
      320, 192, 320, 192, 320, 192,
    ])
    expect(readField(workflow, definitions, field)).toEqual({ width: 320, height: 192 })
  })
})
