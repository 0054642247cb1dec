import { describe, expect, it } from 'vitest'
import { readDefinitions } from './definitions'
import { differencesOf } from './differences'
import { emptyWorkflow, type Workflow, type WorkflowNode } from './workflow'

const definitions = readDefinitions({
  Blur: {
    input: { required: { image: ['IMAGE', {}], radius: ['INT', { default: 1 }] } },
    input_order: { required: ['image', 'radius'] },
    output: ['IMAGE'],
    output_name: ['IMAGE'],
    output_is_list: [false],
    name: 'Blur',
    display_name: 'Soft blur',
    category: '',
  },
})

const node = (id: number, radius: number, more: Partial<WorkflowNode> = {}): WorkflowNode => ({
  id,
  type: 'Blur',
  pos: [0, 0],
  size: [200, 100],
  inputs: [],
  outputs: [],
  widgets_values: [radius],
  ...more,
})
const workflow = (nodes: WorkflowNode[], links: Workflow['links'] = []): Workflow => ({
  ...emptyWorkflow(),
  nodes,
  links,
})

describe('what differs between two workflows', () => {
  it('are nodes that came and went, values, modes and titles', () => {
    const before = workflow([node(1, 1), node(2, 5), node(3, 1)])
    const after = workflow([node(1, 4), node(3, 1, { mode: 4, title: 'Mine' }), node(4, 1)])
    expect(differencesOf(before, after, definitions)).toEqual([
      { kind: 'changed', node: '1', title: 'Soft blur', name: 'radius', before: 1, after: 4 },
      { kind: 'changed', node: '3', title: 'Mine', name: 'mode', before: '', after: 4 },
      { kind: 'changed', node: '3', title: 'Mine', name: 'title', before: '', after: 'Mine' },
      { kind: 'added', node: '4', title: 'Soft blur' },
      { kind: 'removed', node: '2', title: 'Soft blur' },
    ])
  })

  it('are texts of notes, and values of nodes that nobody knows', () => {
    const note = (text: string) => node(1, 0, { type: 'Note', widgets_values: [text] })
    const strange = (value: number) => node(2, 0, { type: 'Strange', widgets_values: ['a', value] })
    const before = workflow([note('theirs'), strange(1)])
    const after = workflow([note('mine'), strange(2)])
    expect(differencesOf(before, after, definitions)).toMatchObject([
      { kind: 'changed', node: '1', before: 'theirs', after: 'mine' },
      { kind: 'changed', node: '2', name: '2', before: 1, after: 2 },
    ])
  })

  it('are links where nodes stayed, and never places', () => {
    const moved = workflow([node(1, 1, { pos: [9, 9] }), node(2, 1)])
    expect(differencesOf(workflow([node(1, 1), node(2, 1)]), moved, definitions)).toEqual([])
    const linked = workflow([node(1, 1), node(2, 1)], [[1, 1, 0, 2, 0, 'IMAGE']])
    expect(differencesOf(moved, linked, definitions)).toEqual([{ kind: 'links', node: '', title: '' }])
  })
})
