/** What differs between two workflows, for people: nodes that came and went, and values that changed. */
import type { Definitions } from './definitions'
import { linksOf } from './links'
import { definitionAt, widgetsOf, widgetValue } from './widgets'
import type { Workflow, WorkflowNode } from './workflow'

export interface Difference {
  kind: 'added' | 'removed' | 'changed' | 'links'
  /** The node's id and what it is called. */
  node: string
  title: string
  /** The widget, where a value changed. */
  name?: string
  before?: unknown
  after?: unknown
}

/** Differences in the order of the later workflow's nodes; places and sizes do not count. */
export function differencesOf(before: Workflow, after: Workflow, definitions: Definitions): Difference[] {
  const old = new Map(before.nodes.map((node) => [String(node.id), node]))
  const found: Difference[] = []
  for (const node of after.nodes) {
    const earlier = old.get(String(node.id))
    old.delete(String(node.id))
    if (!earlier || earlier.type !== node.type) {
      if (earlier) found.push(told('removed', earlier, definitions))
      found.push(told('added', node, definitions))
    } else found.push(...changesOf(earlier, node, definitions, after))
  }
  for (const node of old.values()) found.push(told('removed', node, definitions))
  if (
    linkMarks(before) !== linkMarks(after) &&
    !found.some(({ kind }) => kind === 'added' || kind === 'removed')
  )
    found.push({ kind: 'links', node: '', title: '' })
  return found
}

function changesOf(
  earlier: WorkflowNode,
  node: WorkflowNode,
  definitions: Definitions,
  workflow: Workflow,
): Difference[] {
  const definition = definitionAt(workflow, String(node.id), node, definitions)
  const found: Difference[] = []
  const widgets = widgetsOf(node, definition)
  if (widgets.length === 0) found.push(...unnamedChanges(earlier, node, definitions))
  for (const { name } of widgets) {
    const [before, after] = [widgetValue(earlier, definition, name), widgetValue(node, definition, name)]
    if (JSON.stringify(before) !== JSON.stringify(after))
      found.push({ ...told('changed', node, definitions), name, before, after })
  }
  for (const name of ['mode', 'title'] as const) {
    const [before, after] = [earlier[name] ?? '', node[name] ?? '']
    if (name === 'mode' ? Number(before) !== Number(after) : before !== after)
      found.push({ ...told('changed', node, definitions), name, before, after })
  }
  return found
}

/** Values of a node of which nobody knows what they are called. */
function unnamedChanges(earlier: WorkflowNode, node: WorkflowNode, definitions: Definitions): Difference[] {
  const [before, after] = [valuesOf(earlier), valuesOf(node)]
  return Array.from({ length: Math.max(before.length, after.length) }, (_, at) => at)
    .filter((at) => JSON.stringify(before[at]) !== JSON.stringify(after[at]))
    .map((at) => ({
      ...told('changed', node, definitions),
      name: String(at + 1),
      before: before[at],
      after: after[at],
    }))
}

const valuesOf = ({ widgets_values: values }: WorkflowNode): unknown[] =>
  Array.isArray(values) ? values : Object.values(values ?? {})

const told = (kind: Difference['kind'], node: WorkflowNode, definitions: Definitions): Difference => ({
  kind,
  node: String(node.id),
  title: node.title || definitions.get(node.type)?.title || node.type,
})

const linkMarks = (workflow: Workflow): string =>
  linksOf(workflow)
    .map((link) => JSON.stringify([link.from, link.fromSlot, link.to, link.toSlot]))
    .sort()
    .join()
