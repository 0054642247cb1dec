import { produce } from 'immer'
import { describe, expect, it } from 'vitest'
import { linksOf } from '@/doc/links'
import type { Workflow, WorkflowNode } from '@/doc/workflow'
import { fold, unfold } from './subgraph-editing'
import { addPort, movePort, removePort, renamePort } from './subgraph-ports'

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
      unfold(draft, draft, host, new Map())
    })
    expect(ends(back)).toEqual(ends(chain()))
  })
})

describe('ports of a subgraph', () => {
  const folded = () =>
    produce(chain(), (draft) => {
      fold(draft, draft, [2, 3], 'Part')
    })
  const known = new Map()

  it('are moved with their links, inside and outside', () => {
    const before = folded()
    const [one, other] = before.definitions!.subgraphs![0]!.outputs!.map((slot) => slot.name)
    const moved = produce(before, (draft) => {
      movePort(draft, draft.definitions!.subgraphs![0]!, 'outputs', 0, 1, known)
    })
    const [definition] = moved.definitions!.subgraphs!
    expect(definition!.outputs!.map((slot) => slot.name)).toEqual([other, one])
    const back = produce(moved, (draft) => {
      const host = draft.nodes.find((entry) => entry.type === definition!.id)!
      unfold(draft, draft, host.id, known)
    })
    expect(ends(back)).toEqual(ends(chain()))
  })

  it('are removed with their links', () => {
    const left = produce(folded(), (draft) => {
      removePort(draft, draft.definitions!.subgraphs![0]!, 'inputs', 0, known)
    })
    const [definition] = left.definitions!.subgraphs!
    const host = left.nodes.find((entry) => entry.type === definition!.id)!
    expect(host.inputs).toEqual([])
    expect(definition!.inputs).toEqual([])
    expect(linksOf(left).some((link) => link.to === host.id)).toBe(false)
    expect(linksOf(definition!).some((link) => link.from === -10)).toBe(false)
    expect(left.nodes.find((entry) => entry.id === 1)!.outputs![0]!.links).toEqual([])
  })

  it('are added for a socket inside, and renamed', () => {
    const more = produce(folded(), (draft) => {
      const definition = draft.definitions!.subgraphs![0]!
      const socket = { node: 2, slot: 0, name: 'out0', type: 'IMAGE', widget: false }
      addPort(draft, definition, 'outputs', socket, known)
      renamePort(draft, definition, 'outputs', 2, 'Extra')
    })
    const [definition] = more.definitions!.subgraphs!
    const host = more.nodes.find((entry) => entry.type === definition!.id)!
    expect(host.outputs).toHaveLength(3)
    expect(host.outputs![2]!.label).toBe('Extra')
    expect(linksOf(definition!).filter((link) => link.to === -20)).toHaveLength(3)
  })
})
