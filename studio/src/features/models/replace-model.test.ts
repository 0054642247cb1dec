import { expect, it } from 'vitest'
import type { Workflow } from '@/doc/workflow'
import { replaceModel } from './replace-model'

it('names another file wherever a workflow names the missing one', () => {
  const workflow = {
    nodes: [
      { id: 1, type: 'Loader', widgets_values: ['a.safetensors', 3] },
      { id: 2, type: 'Other', widgets_values: { name: 'a.safetensors' } },
    ],
    links: [],
    definitions: {
      subgraphs: [{ id: 's', nodes: [{ id: 3, type: 'Loader', widgets_values: ['a.safetensors'] }] }],
    },
  } as unknown as Workflow
  replaceModel(workflow, 'a.safetensors', 'b.safetensors')
  expect(JSON.stringify(workflow)).not.toContain('"a.safetensors"')
  expect(JSON.stringify(workflow).match(/b\.safetensors/g)).toHaveLength(3)
})
