import { produce } from 'immer'
import { describe, expect, it } from 'vitest'
import { readDefinitions } from '@/doc/definitions'
import { addNode } from '@/doc/edit'
import { pageDefinition } from '@/doc/page-nodes'
import { emptyWorkflow, type NodeId, type Workflow } from '@/doc/workflow'
import { wire } from './wiring'

const known = readDefinitions({
  Sampler: {
    name: 'Sampler',
    input: { required: { latent: ['LATENT'], steps: ['INT', { default: 20 }] } },
    input_order: { required: ['latent', 'steps'] },
    output: ['LATENT'],
    output_name: ['LATENT'],
  },
})

describe('a primitive', () => {
  const linked = (): { workflow: Workflow; ids: NodeId[] } => {
    const ids: NodeId[] = []
    const workflow = produce(emptyWorkflow(), (draft) => {
      ids.push(addNode(draft, known.get('Sampler')!, [400, 0]))
      ids.push(addNode(draft, pageDefinition('PrimitiveNode')!, [0, 0]))
      draft.nodes[0]!.widgets_values = [7]
      draft.nodes[0]!.inputs = draft.nodes[0]!.inputs!.filter((slot) => !slot.widget)
      wire(draft, draft, { from: ids[1]!, fromSlot: 0, to: ids[0]!, toSlot: 'steps' }, known)
    })
    return { workflow, ids }
  }

  it('takes the value of the widget that it is linked to first', () => {
    const [sampler, primitive] = linked().workflow.nodes
    expect(primitive!.widgets_values).toEqual([7, 'fixed'])
    expect(primitive!.outputs![0]).toMatchObject({ type: 'INT', name: 'INT' })
    expect(sampler!.inputs!.at(-1)).toMatchObject({ name: 'steps', type: 'INT', widget: { name: 'steps' } })
  })

  it('keeps its value when it is linked to another', () => {
    const { workflow, ids } = linked()
    const more = produce(workflow, (draft) => {
      const other = addNode(draft, known.get('Sampler')!, [400, 300])
      wire(draft, draft, { from: ids[1]!, fromSlot: 0, to: other, toSlot: 'steps' }, known)
    })
    expect(more.nodes[1]!.widgets_values).toEqual([7, 'fixed'])
    expect(more.nodes[1]!.outputs![0]!.links).toHaveLength(2)
  })
})
