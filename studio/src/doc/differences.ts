/** What differs between two workflows, for people: nodes that came and went, and values that changed. */
import type { Definitions } from './definitions'
import { linksOf } from './links'
import { widgetsOf, widgetValue } from './widgets'
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
    } else found.push(...changesOf(earlier, node, definitions))
  }
  for (const node of old.values()) found.push(told('removed', node, definitions))
  if (
    linkMarks(before) !== linkMarks(after) &&
    !found.some(({ kind }) => kind === 'added' || kind === 'removed')
  )
    found.push({ kind: 'links', node: '', title: '' })
  return found
}

function changesOf(earlier: WorkflowNode, node: WorkflowNode, definitions: Definitions): Difference[] {
  const definition = definitions.get(node.type)
  const found: Difference[] = []
  for (const { name } of widgetsOf(node, definition)) {
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
