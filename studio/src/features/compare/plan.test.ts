import { describe, expect, it } from 'vitest'
import type { Workflow } from '@/doc/workflow'
import { type Axis, captionOf, cellsOf, countOf, keyOf, sample, workflowOf } from './plan'

const axis = (label: string, role: string, ...values: (string | number)[]): Axis => ({
  label,
  role,
  places: [{ node: '1', widget: label }],
  values: values.map((value) => ({ label: String(value), value })),
})

describe('cells', () => {
  it('run with the slowest change outermost, wherever that axis is', () => {
    const axes = [axis('model', 'model.main', 'a', 'b'), axis('steps', 'sampler.steps', 1, 2, 3), null, null]
    expect(cellsOf(axes).map(keyOf)).toEqual([
      '0.0.0.0',
      '0.1.0.0',
      '0.2.0.0',
      '1.0.0.0',
      '1.1.0.0',
      '1.2.0.0',
    ])
    expect(countOf(axes)).toBe(6)
  })

  it('are each there once', () => {
    const axes = [
      axis('x', 'sampler.cfg', 1, 2, 3),
      axis('y', 'prompt.positive', 'p', 'q'),
      axis('z', 'model.main', 'm', 'n'),
      axis('i', '', 1, 2),
    ]
    const cells = cellsOf(axes)
    expect(new Set(cells.map(keyOf)).size).toBe(countOf(axes))
    expect(cells).toHaveLength(24)
  })

  it('have words, and there is one without axes', () => {
    expect(cellsOf([null, null])).toEqual([[0, 0]])
    expect(captionOf([axis('x', '', 1, 2), null], [1, 0])).toBe('x: 2')
    expect(sample(cellsOf([axis('x', '', 1, 2, 3, 4, 5)]), 3)).toEqual([[0], [2], [4]])
  })
})

it('writes the values of a cell and leaves the base as it was', () => {
  const base = {
    nodes: [{ id: 1, type: 'T', pos: [0, 0], size: [1, 1], widgets_values: { steps: 20 } }],
    links: [],
    last_node_id: 1,
    last_link_id: 0,
  } as unknown as Workflow
  const made = workflowOf(base, new Map(), [axis('steps', '', 5, 9)], [1])
  expect(made.nodes[0]!.widgets_values).toEqual({ steps: 9 })
  expect(base.nodes[0]!.widgets_values).toEqual({ steps: 20 })
})
