import { describe, expect, test } from 'vitest'
import { recordedDefinitions } from '../../test/templates'
import { DocumentError, readDocument, writeDocument } from './read'
import { findNode, readPlace, widgetValue, writePlace } from './widgets'

const definitions = recordedDefinitions()

const PROMPT = {
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
  six: {
    class_type: 'CLIPTextEncode',
    inputs: { text: 'a red apple', clip: ['4', 1] },
    _meta: { title: 'Positive' },
  },
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed: 5,
      steps: 8,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 0.5,
      model: ['4', 0],
      positive: ['six', 0],
      negative: ['six', 0],
    },
  },
  '9': { class_type: 'NobodyKnows', inputs: { value: 3, latent: ['3', 0] } },
}

describe('the API form', () => {
  const { workflow, kind } = readDocument(JSON.stringify({ prompt: PROMPT }), definitions)
  const node = (id: string) => findNode(workflow, id) as never

  test('keeps values, links, ids and names', () => {
    expect(kind).toBe('api')
    expect(widgetValue(node('3'), definitions.get('KSampler'), 'denoise')).toBe(0.5)
    expect(workflow.links).toHaveLength(5)
    expect(workflow.nodes.find((entry) => entry.properties?.limner_id === 'six')?.title).toBe('Positive')
    expect(widgetValue(node('9'), undefined, 'value')).toBe(3)
  })

  test('is laid out without overlaps, from left to right', () => {
    const boxes = workflow.nodes.map(
      ({ pos, size }) => [...pos, pos[0] + size[0], pos[1] + size[1] + 30] as const,
    )
    for (const [at, one] of boxes.entries()) {
      for (const other of boxes.slice(at + 1)) {
        expect(one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1]).toBe(
          true,
        )
      }
    }
    expect((findNode(workflow, '4')?.pos[0] ?? 0) < (findNode(workflow, '3')?.pos[0] ?? 0)).toBe(true)
  })
})

test.each([
  ['{"nodes": [', /not JSON/],
  ['[]', /holds a list/],
  ['{}', /empty/],
  ['{"a": {"class_type": "X"}, "b": 1}', /“b”/],
  ['{"nodes": [{"id": 1}]}', /Node 1/],
  ['{"nodes": [], "links": [3]}', /link/],
  ['{"name": "x", "version": 1}', /keys name, version/],
])('%s is refused in words', (text, message) => {
  expect(() => readDocument(text, definitions)).toThrow(DocumentError)
  expect(() => readDocument(text, definitions)).toThrow(message)
})

test('a workflow beside its prompt is the one that is opened', () => {
  const workflow = { nodes: [{ id: 1, type: 'Note', pos: [0, 0], size: [1, 1] }], links: [] }
  expect(readDocument({ prompt: PROMPT, workflow }, definitions).workflow.nodes).toHaveLength(1)
  expect(readDocument({ extra_data: { extra_pnginfo: { workflow } } }, definitions).kind).toBe('ui')
})

test('keys of prototypes do nothing, and are kept', () => {
  const text =
    '{"nodes": [{"id": 1, "type": "Note", "pos": [0, 0], "size": [1, 1], "__proto__": {"polluted": 1}}], "links": [], "__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": 1}}}'
  const { workflow } = readDocument(text, definitions)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(writeDocument(workflow)).toContain('"__proto__":{"polluted":true}')
})

test('ten megabytes are opened', () => {
  const nodes = Array.from({ length: 5000 }, (_, id) => ({
    id,
    type: 'Note',
    pos: [id, 0],
    size: [9, 9],
    widgets_values: ['x'.repeat(2000)],
  }))
  expect(readDocument(JSON.stringify({ nodes, links: [] }), definitions).workflow.nodes).toHaveLength(5000)
})

test('values of a subgraph are read and written where its file keeps them', () => {
  const inner = {
    id: 7,
    type: 'CLIPTextEncode',
    pos: [0, 0],
    size: [1, 1],
    inputs: [{ name: 'text', type: 'STRING', link: 1, widget: { name: 'text' } }],
    widgets_values: ['inside'],
  }
  const subgraph = {
    id: 'sub',
    name: 'Sub',
    nodes: [inner],
    links: [{ id: 1, origin_id: -10, origin_slot: 0, target_id: 7, target_slot: 0, type: 'STRING' }],
    inputs: [{ id: 'a', name: 'prompt', type: 'STRING', linkIds: [1] }],
    outputs: [],
  }
  const host = {
    id: 2,
    type: 'sub',
    pos: [0, 0],
    size: [1, 1],
    inputs: [{ name: 'prompt', type: 'STRING', link: null, widget: { name: 'prompt' } }],
  }
  const file = (values: unknown[]) => ({
    nodes: [{ ...host, widgets_values: values }],
    links: [],
    definitions: { subgraphs: [subgraph] },
  })
  const place = { node: '2', widget: 'prompt' }
  const without = structuredClone(readDocument(file([]), definitions).workflow)
  expect(readPlace(without, definitions, place)).toBe('inside')
  writePlace(without, definitions, place, 'new')
  expect(findNode(without, '2:7')?.widgets_values).toEqual(['new'])
  const own = structuredClone(readDocument(file(['outside']), definitions).workflow)
  expect(readPlace(own, definitions, place)).toBe('outside')
  writePlace(own, definitions, place, 'new')
  expect(own.nodes[0]?.widgets_values).toEqual(['new'])
})

test('pictures have room: no two nodes of an API form overlap, with what they load and what they show after a run', () => {
  const load = (image: string) => ({ class_type: 'LoadImage', inputs: { image } })
  const show = (from: string) => ({ class_type: 'PreviewImage', inputs: { images: [from, 0] } })
  const prompt = {
    1: load('a.png'),
    2: load('b.png'),
    3: load('c.png'),
    4: show('1'),
    5: show('2'),
    6: show('3'),
  }
  const { nodes } = readDocument(JSON.stringify({ prompt }), definitions).workflow
  const picture = 180
  for (const type of ['LoadImage', 'PreviewImage']) {
    const column = nodes.filter((node) => node.type === type).sort((one, other) => one.pos[1] - other.pos[1])
    expect(column).toHaveLength(3)
    const needed = type === 'LoadImage' ? column[0]!.size[1] : column[0]!.size[1] + picture
    expect(needed).toBeGreaterThan(picture)
    for (const [at, node] of column.slice(1).entries())
      expect(node.pos[1] - column[at]!.pos[1]).toBeGreaterThanOrEqual(needed + 30)
  }
})
