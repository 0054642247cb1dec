import { describe, expect, it } from 'vitest'
import { readDefinitions } from '@/doc/definitions'
import { newNode } from '@/doc/edit'
import { HEADER, shapeOf } from './geometry'

const definitions = readDefinitions({
  Sampler: {
    input: {
      required: {
        model: ['MODEL'],
        seed: ['INT', { default: 0, control_after_generate: true }],
        text: ['STRING', { multiline: true }],
        name: [['one', 'two']],
      },
    },
    output: ['LATENT'],
    output_name: ['LATENT'],
  },
})
const definition = definitions.get('Sampler')!

describe('the shape of a node', () => {
  const node = newNode(definition, 1, [0, 0])

  it('has ports left and right, and one place for each widget', () => {
    const shape = shapeOf(node, { definition, media: false })
    expect(shape.inputs.filter((port) => !port.widget).map((port) => port.name)).toEqual(['model'])
    expect(shape.outputs.map((port) => port.name)).toEqual(['LATENT'])
    expect(shape.widgets.map((box) => box.name)).toEqual(['seed', 'text', 'name'])
  })

  it('lets nothing overlap', () => {
    const { widgets, height, inputs } = shapeOf(node, { definition, media: true })
    expect(inputs[0]!.y).toBeGreaterThan(HEADER)
    for (const [at, box] of widgets.entries()) {
      const next = widgets[at + 1]
      expect(box.y + box.height).toBeLessThanOrEqual(next ? next.y : height)
    }
  })

  it('is as large as the document says, if that is enough, and the long text takes what is left', () => {
    const shape = shapeOf({ ...node, size: [500, 600] }, { definition, media: false })
    expect([shape.width, shape.height]).toEqual([500, 600 + HEADER])
    expect(shape.widgets.find((box) => box.name === 'text')!.height).toBeGreaterThan(300)
  })

  it('grows where the document has too little room', () => {
    const small = shapeOf({ ...node, size: [200, 10] }, { definition, media: false })
    expect(small.height).toBeGreaterThan(HEADER + 100)
  })

  it('is its header alone when it is collapsed', () => {
    const shape = shapeOf({ ...node, flags: { collapsed: true } }, { definition, media: false })
    expect(shape.height).toBe(HEADER)
    expect(shape.inputs.every((port) => port.y === HEADER / 2)).toBe(true)
  })

  it('is drawn for nodes that nobody knows', () => {
    const shape = shapeOf({ ...node, type: 'Gone' }, { media: false })
    expect(shape.outputs).toHaveLength(1)
  })
})
