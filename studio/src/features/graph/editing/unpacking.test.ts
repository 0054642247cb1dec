// @vitest-environment node
import { produce } from 'immer'
import { describe, expect, it } from 'vitest'
import { readDocument } from '@/doc/read'
import { definitionOf, portTargets, subgraphOf } from '@/doc/subgraphs'
import { proxiesOf, widgetsOf, widgetValue } from '@/doc/widgets'
import type { NodeId, Workflow, WorkflowNode } from '@/doc/workflow'
import { readTemplates, recordedDefinitions, templatesFolder } from '../../../../test/templates'
import { unfold } from './subgraph-editing'

const folder = templatesFolder()
const templates = folder ? readTemplates(folder).filter(({ text }) => text.includes('"subgraphs"')) : []
const known = recordedDefinitions()

/** A document whose only node stands for a subgraph of two, one of which takes its text from the node. */
function packed(host: Partial<WorkflowNode>): Workflow {
  const inner = (id: number, link: number | null): WorkflowNode => ({
    id,
    type: 'CLIPTextEncode',
    pos: [id * 300, 0],
    size: [200, 100],
    inputs: [
      { name: 'clip', type: 'CLIP', link: null },
      { name: 'text', type: 'STRING', widget: { name: 'text' }, link },
    ],
    outputs: [{ name: 'CONDITIONING', type: 'CONDITIONING', links: null }],
    widgets_values: [`inside ${id}`],
  })
  return {
    nodes: [{ id: 9, type: 'part', pos: [0, 0], size: [200, 100], inputs: [], outputs: [], ...host }],
    links: [],
    last_node_id: 9,
    last_link_id: 0,
    definitions: {
      subgraphs: [
        {
          id: 'part',
          name: 'Part',
          inputs: [{ id: 'a', name: 'text', type: 'STRING', linkIds: [1] }],
          outputs: [],
          nodes: [inner(1, 1), inner(2, null)],
          links: [{ id: 1, origin_id: -10, origin_slot: 0, target_id: 1, target_slot: 1, type: 'STRING' }],
        } as never,
      ],
    },
  }
}

const texts = (workflow: Workflow): unknown[] =>
  produce(workflow, (draft) => {
    unfold(draft, draft, 9, known)
  }).nodes.map((node) => node.widgets_values?.[0 as never])

describe('unpacking a subgraph', () => {
  it('writes the values that its node holds for its ports', () => {
    expect(texts(packed({ widgets_values: ['outside'] }))).toEqual(['outside', 'inside 2'])
  })

  it('writes the values that its node lists by inner widgets', () => {
    const properties = {
      proxyWidgets: [
        ['2', 'text'],
        ['2', '$$preview'],
        ['-1', 'text'],
      ],
    }
    expect(texts(packed({ properties, widgets_values: ['second', 'first'] }))).toEqual(['first', 'second'])
    expect(texts(packed({ properties, widgets_values: [] }))).toEqual(['inside 1', 'inside 2'])
  })

  it('leaves a widget alone whose port is linked outside', () => {
    const inputs = [{ name: 'text', type: 'STRING', widget: { name: 'text' }, link: 7 }]
    expect(texts(packed({ inputs, widgets_values: ['outside'] }))).toEqual(['inside 1', 'inside 2'])
  })
})

/** What a subgraph's node shows, and what the nodes that come out of it have instead; links from outside stand above both. */
function shownAndKept(
  workflow: Workflow,
  host: WorkflowNode,
): [place: string, shown: unknown, kept: unknown][] {
  const subgraph = subgraphOf(workflow, host.type)
  if (!subgraph || proxiesOf(host).length > 0) return []
  const definition = definitionOf(workflow, host, known)
  let ids: NodeId[] = []
  const after = produce(workflow, (draft) => {
    ids = unfold(draft, draft, host.id, known)
  })
  const linked = new Set(
    (host.inputs ?? [])
      .filter((slot) => slot.link !== null && slot.link !== undefined)
      .map((slot) => slot.name),
  )
  const place = (id: NodeId) => ids[subgraph.nodes.findIndex((node) => node.id === id)]
  return widgetsOf(host, definition)
    .filter(({ name, index }) => index >= 0 && !linked.has(name))
    .flatMap(({ name }) =>
      portTargets(
        subgraph,
        (subgraph.inputs ?? []).findIndex((port) => port.name === name),
      ).flatMap((target) => {
        const node = after.nodes.find((other) => other.id === place(target.node.id))!
        const inner = definitionOf(after, node, known, after)
        const isWidget = target.node.inputs?.some((input) => input.name === target.name && input.widget)
        if (!inner || !isWidget) return []
        return [
          [
            `${target.node.id}.${target.name}`,
            widgetValue(host, definition, name),
            widgetValue(node, inner, target.name),
          ],
        ]
      }),
    ) as [string, unknown, unknown][]
}

describe.skipIf(templates.length === 0)('unpacking the subgraphs of the official templates', () => {
  it('keeps every value that their nodes show', () => {
    let count = 0
    for (const { name, text } of templates) {
      const { workflow } = readDocument(text, known)
      for (const [place, shown, kept] of workflow.nodes.flatMap((host) => shownAndKept(workflow, host))) {
        expect(kept, `${name}: ${place}`).toEqual(shown)
        count += 1
      }
    }
    expect(count).toBeGreaterThan(300)
  }, 60_000)
})
