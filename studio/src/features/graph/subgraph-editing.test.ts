import { produce } from 'immer'
import { describe, expect, it } from 'vitest'
import { linksOf } from '@/doc/links'
import type { Workflow, WorkflowNode } from '@/doc/workflow'
import { fold, unfold } from './subgraph-editing'

const node = (id: number, inputs: number[], outputs: number[][]): WorkflowNode => ({
  id,
  type: `Type${id}`,
  pos: [id * 100, 0],
  size: [80, 40],
  inputs: inputs.map((link, at) => ({ name: `in${at}`, type: 'IMAGE', link })),
  outputs: outputs.map((links, at) => ({ name: `out${at}`, type: 'IMAGE', links })),
})

/** 1 → 2 → 3 → 4, and 2 → 4 as well. */
const chain = (): Workflow => ({
  last_node_id: 4,
  last_link_id: 4,
  nodes: [node(1, [], [[1]]), node(2, [1], [[2, 4]]), node(3, [2], [[3]]), node(4, [3, 4], [])],
  links: [
    [1, 1, 0, 2, 0, 'IMAGE'],
    [2, 2, 0, 3, 0, 'IMAGE'],
    [3, 3, 0, 4, 0, 'IMAGE'],
    [4, 2, 0, 4, 1, 'IMAGE'],
  ],
})

const ends = (workflow: Workflow): string[] => {
  const type = new Map(workflow.nodes.map((entry) => [String(entry.id), entry.type]))
  return linksOf(workflow)
    .map(
      (link) => `${type.get(String(link.from))}.${link.fromSlot}>${type.get(String(link.to))}.${link.toSlot}`,
    )
    .sort()
}

describe('subgraphs', () => {
  it('take nodes in, with a port for every link that crosses the border', () => {
    const folded = produce(chain(), (draft) => {
      fold(draft, draft, [2, 3], 'Part')
    })
    const [definition] = folded.definitions!.subgraphs!
    expect(folded.nodes).toHaveLength(3)
    expect(definition!.nodes.map((entry) => entry.id)).toEqual([2, 3])
    expect(definition!.inputs).toHaveLength(1)
    expect(definition!.outputs).toHaveLength(2)
    const inner = new Set(definition!.links.map((link) => link.id))
    expect(inner.size).toBe(definition!.links.length)
    for (const entry of definition!.nodes) {
      for (const slot of entry.inputs ?? []) expect(inner.has(slot.link!)).toBe(true)
      for (const slot of entry.outputs ?? [])
        for (const link of slot.links ?? []) expect(inner.has(link)).toBe(true)
    }
  })

  it('give the same graph back', () => {
    const back = produce(chain(), (draft) => {
      const host = fold(draft, draft, [2, 3], 'Part')
      unfold(draft, draft, host)
    })
    expect(ends(back)).toEqual(ends(chain()))
  })
})
