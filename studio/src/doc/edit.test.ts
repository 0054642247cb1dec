import fc from 'fast-check'
import { applyPatches, enablePatches, type Patch, produceWithPatches } from 'immer'
import { describe, expect, test } from 'vitest'
import { copyNodes, duplicate, pasteNodes, readClipping } from './clipboard'
import { type Definitions, readDefinitions } from './definitions'
import {
  addGroup,
  addNode,
  connect,
  disconnect,
  dissolveNode,
  moveNodes,
  removeNodes,
  toggleMode,
} from './edit'
import { linksOf } from './links'
import { setWidget, widgetsOf, widgetValue } from './widgets'
import { type Body, emptyWorkflow, type NodeId, type SubgraphDefinition, type Workflow } from './workflow'

enablePatches()

const definitions: Definitions = readDefinitions({
  Load: { input: { required: { name: [['a', 'b']] } }, output: ['MODEL', 'CLIP'] },
  Text: {
    input: { required: { text: ['STRING', { multiline: true }], clip: ['CLIP'] } },
    output: ['CONDITIONING'],
  },
  Sample: {
    input: {
      required: {
        model: ['MODEL'],
        positive: ['CONDITIONING'],
        seed: ['INT', { default: 0, control_after_generate: true }],
        steps: ['INT', { default: 20 }],
      },
    },
    output: ['LATENT'],
  },
})
const types = [...definitions.keys()]

/** Every link is written at its source, at its target and in the list, and nowhere else. */
function expectConsistent(body: Body): void {
  const links = linksOf(body)
  expect(new Set(links.map((link) => link.id)).size).toBe(links.length)
  for (const link of links) {
    const source = body.nodes.find((node) => node.id === link.from)
    const target = body.nodes.find((node) => node.id === link.to)
    expect(source?.outputs?.[link.fromSlot]?.links).toContain(link.id)
    expect(target?.inputs?.[link.toSlot]?.link).toBe(link.id)
  }
  const written = body.nodes.flatMap((node) => [
    ...(node.inputs ?? []).flatMap((slot) => slot.link ?? []),
    ...(node.outputs ?? []).flatMap((slot) => slot.links ?? []),
  ])
  for (const id of written) expect(links.some((link) => link.id === id)).toBe(true)
  expect(new Set(body.nodes.map((node) => node.id)).size).toBe(body.nodes.length)
}

type Action = (draft: Body) => void

const picked = (draft: Body, at: number): NodeId =>
  draft.nodes[at % Math.max(1, draft.nodes.length)]?.id ?? -1

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.nat(2).map(
    (at): Action =>
      (draft) => {
        addNode(draft, definitions.get(types[at] as string) as never, [at * 10, 0])
      },
  ),
  fc.tuple(fc.nat(9), fc.nat(2), fc.nat(9), fc.nat(3)).map(
    ([from, fromSlot, to, toSlot]): Action =>
      (draft) => {
        connect(draft, picked(draft, from), fromSlot, picked(draft, to), toSlot)
      },
  ),
  fc.nat(9).map(
    (at): Action =>
      (draft) =>
        removeNodes(draft, [picked(draft, at)]),
  ),
  fc.nat(9).map(
    (at): Action =>
      (draft) =>
        dissolveNode(draft, picked(draft, at)),
  ),
  fc.nat(9).map(
    (at): Action =>
      (draft) => {
        const link = linksOf(draft)[at % Math.max(1, draft.links.length)]
        if (link) disconnect(draft, link.id)
      },
  ),
  fc.tuple(fc.nat(9), fc.boolean()).map(
    ([at, keep]): Action =>
      (draft) => {
        duplicate(draft, [picked(draft, at), picked(draft, at + 1)], [30, 30], keep)
      },
  ),
  fc.nat(9).map(
    (at): Action =>
      (draft) =>
        moveNodes(draft, [picked(draft, at)], [5, 5]),
  ),
  fc.nat(9).map(
    (at): Action =>
      (draft) =>
        toggleMode(draft, [picked(draft, at)], 4),
  ),
  fc.nat(9).map(
    (at): Action =>
      (draft) => {
        addGroup(draft, [picked(draft, at)], 'Group')
      },
  ),
  fc.tuple(fc.nat(9), fc.integer()).map(
    ([at, value]): Action =>
      (draft) => {
        const node = draft.nodes.find((entry) => entry.id === picked(draft, at))
        if (node) setWidget(node, definitions.get(node.type), 'seed', value)
      },
  ),
)

const emptySubgraph = (): SubgraphDefinition => ({
  id: 'sub',
  name: 'Sub',
  nodes: [],
  links: [],
  inputs: [],
  outputs: [],
  inputNode: { id: -10, bounding: [0, 0, 1, 1] },
})

describe.each([
  ['a workflow', () => emptyWorkflow() as Body],
  [
    'a workflow of the newer form',
    () => ({ ...emptyWorkflow(), version: 1, state: { lastNodeId: 0 } }) as Body,
  ],
  ['a subgraph', () => emptySubgraph() as Body],
])('%s', (_name, start) => {
  test('stays consistent, and every walk of edits can be undone and done again', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const first = start()
        let body = first
        const steps: { redo: Patch[]; undo: Patch[] }[] = []
        for (const act of actions) {
          const [next, redo, undo] = produceWithPatches(body, (draft) => act(draft as Body))
          steps.push({ redo, undo })
          body = next
        }
        expectConsistent(body)
        const back = [...steps].reverse().reduce((state, { undo }) => applyPatches(state, undo), body)
        expect(back).toEqual(first)
        expect(steps.reduce((state, { redo }) => applyPatches(state, redo), back)).toEqual(body)
      }),
      { numRuns: 60 },
    )
  })
})

const built = (): Workflow => {
  const workflow = emptyWorkflow()
  const [load, text, sample] = types.map((type) => addNode(workflow, definitions.get(type) as never, [0, 0]))
  connect(workflow, load as NodeId, 1, text as NodeId, 'clip')
  connect(workflow, load as NodeId, 0, sample as NodeId, 'model')
  connect(workflow, text as NodeId, 0, sample as NodeId, 'positive')
  return workflow
}

test('a new node has values with what follows its seed', () => {
  const workflow = built()
  expect(workflow.nodes[2]?.widgets_values).toEqual([0, 'randomize', 20])
})

test('an input takes one link only', () => {
  const workflow = built()
  const other = addNode(workflow, definitions.get('Load') as never, [0, 0])
  connect(workflow, other, 0, 3, 'model')
  expect(workflow.links).toHaveLength(3)
  expectConsistent(workflow)
})

test('what is copied as text is pasted with its links; those from outside only if asked for', () => {
  const workflow = built()
  const clipping = readClipping(JSON.stringify(copyNodes(workflow, [2, 3], workflow)))
  if (!clipping) throw new Error('nothing was read')
  const apart = pasteNodes(workflow, clipping, { at: [100, 100] })
  expect(apart).toEqual([4, 5])
  expect(workflow.links).toHaveLength(4)
  pasteNodes(workflow, clipping, { at: [200, 200], keepLinks: true })
  expect(workflow.links).toHaveLength(7)
  expectConsistent(workflow)
})

test('clippings of older pages count their nodes', () => {
  const nodes = built().nodes.slice(0, 2)
  const clipping = readClipping(JSON.stringify({ nodes, links: [[0, 1, 1, 1, 1]] }))
  const workflow = emptyWorkflow()
  if (clipping) pasteNodes(workflow, clipping, { at: [0, 0] })
  expect(linksOf(workflow)).toMatchObject([{ from: 1, fromSlot: 1, to: 2, toSlot: 1, type: 'CLIP' }])
})

test('points on the way of a link go with it', () => {
  const workflow = built()
  workflow.extra = {
    reroutes: [
      { id: 1, pos: [0, 0], linkIds: [1] },
      { id: 2, pos: [0, 0], linkIds: [1, 2] },
    ],
    linkExtensions: [{ id: 1, parentId: 2 }],
  }
  disconnect(workflow, 1)
  expect(workflow.extra).toEqual({ reroutes: [{ id: 2, pos: [0, 0], linkIds: [2] }], linkExtensions: [] })
})

test('values are found by name, whatever follows a seed', () => {
  const sample = built().nodes[2] as never
  const definition = definitions.get('Sample')
  expect(widgetsOf(sample, definition).map(({ name, index }) => [name, index])).toEqual([
    ['seed', 0],
    ['steps', 2],
  ])
  expect(widgetValue(sample, definition, 'steps')).toBe(20)
})
