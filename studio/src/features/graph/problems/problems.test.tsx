import { expect, it } from 'vitest'
import { readDefinitions } from '@/doc/definitions'
import type { Workflow } from '@/doc/workflow'
import { problemsOf } from './problems'

const known = readDefinitions({
  Loader: { input: { required: { name: [['small.safetensors', 'large.safetensors']] } }, output: ['MODEL'] },
  Taker: { input: { required: { model: ['MODEL'], way: [['euler', 'heun']] } }, output: [] },
})

const workflow = (over: Partial<Workflow> = {}): Workflow => ({
  last_node_id: 2,
  last_link_id: 1,
  nodes: [
    {
      id: 1,
      type: 'Loader',
      pos: [0, 0],
      size: [200, 100],
      inputs: [],
      outputs: [{ name: 'MODEL', type: 'MODEL', links: [1] }],
      widgets_values: ['smal.safetensors'],
    },
    {
      id: 2,
      type: 'Taker',
      pos: [300, 0],
      size: [200, 100],
      inputs: [{ name: 'model', type: 'MODEL', link: 1 }],
      outputs: [],
      widgets_values: ['euler'],
    },
  ],
  links: [[1, 1, 0, 2, 0, 'MODEL']],
  ...over,
})

it('sees a model that is not here, and what could be used instead', () => {
  const [problem, ...more] = problemsOf(workflow(), known, undefined, null)
  expect(more).toEqual([])
  expect(problem).toMatchObject({ kind: 'missing-model', node: '1', input: 'name', quiet: true })
  expect(problem!.instead[0]).toBe('small.safetensors')
})

it('sees inputs without a link and nodes that are missing', () => {
  const plain = workflow({ links: [] })
  const nodes = plain.nodes.map((node) => ({
    ...node,
    type: node.id === 1 ? 'Gone' : node.type,
    inputs: node.inputs?.map((slot) => ({ ...slot, link: null })),
  }))
  const kinds = problemsOf({ ...plain, nodes }, known, undefined, null).map((problem) => problem.kind)
  expect(kinds.sort()).toEqual(['input', 'missing-node'])
})

it('says what the server said, once', () => {
  const refused = {
    message: 'no',
    problems: [{ node: '1', input: 'name', code: 'value_not_in_list', message: 'Value not in list' }],
  }
  const problems = problemsOf(workflow(), known, refused, null)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatchObject({ quiet: false, message: 'Value not in list', kind: 'missing-model' })
})

it('knows that memory ran out', () => {
  const failure = {
    node: '2',
    nodeType: 'Taker',
    message: 'CUDA out of memory',
    type: 'OutOfMemoryError',
    traceback: [],
  }
  expect(problemsOf(workflow(), known, undefined, failure)[0]).toMatchObject({ kind: 'memory', node: '2' })
})
