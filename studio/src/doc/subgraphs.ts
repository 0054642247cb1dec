/**
 * Subgraphs: a body of its own that stands in another one as a node, whose type is the subgraph's id.
 *
 * Nodes inside are named by the way to them, `outer:inner`. What an instance asks for is described like any node's
 * inputs, so that everything that knows node definitions knows instances as well.
 */
import type { Definitions, InputDefinition, NodeDefinition } from './definitions'
import { INPUTS_NODE, linkById, linksOf, sameId } from './links'
import { GETTERS, givenName, PRIMITIVE, pageDefinition, SETTERS } from './page-nodes'
import { readArray, slotInput } from './widget-reading'
import type { Body, SubgraphDefinition, Workflow, WorkflowNode } from './workflow'

/** The definition of a subgraph by its id, however deep it is written. */
export function subgraphOf(workflow: Workflow, type: string): SubgraphDefinition | undefined {
  return subgraphsOf(workflow).find((definition) => definition.id === type)
}

/** All subgraphs that a workflow defines; those that are defined inside others too. */
export function subgraphsOf(workflow: Workflow): SubgraphDefinition[] {
  const found: SubgraphDefinition[] = []
  const waiting: { definitions?: unknown; nodes: unknown }[] = [workflow]
  for (let owner = waiting.pop(); owner; owner = waiting.pop()) {
    const inside = (owner.definitions as Workflow['definitions'])?.subgraphs
    for (const definition of Array.isArray(inside) ? inside : []) {
      if (!Array.isArray(definition?.nodes) || found.some((other) => other.id === definition.id)) continue
      found.push(definition)
      waiting.push(definition)
    }
  }
  return found
}

/** A body: the workflow's own (empty path), or the one of the instance that a path of node ids leads to. */
export function bodyAt(workflow: Workflow, path: string): Body | undefined {
  let body: Body | undefined = workflow
  for (const id of path ? path.split(':') : []) {
    const host: WorkflowNode | undefined = body?.nodes.find((node) => sameId(node.id, id))
    body = host && subgraphOf(workflow, host.type)
  }
  return body
}

/** A node by its id; `outer:inner` goes into subgraphs. */
export function findNode(workflow: Workflow, id: string): WorkflowNode | undefined {
  const at = id.lastIndexOf(':')
  const whole = workflow.nodes.find((node) => sameId(node.id, id))
  if (whole || at < 0) return whole
  return bodyAt(workflow, id.slice(0, at))?.nodes.find((node) => sameId(node.id, id.slice(at + 1)))
}

/** What is known of a node: of its type, of the subgraph that it stands for, or of a node that only pages have. */
export function definitionOf(
  workflow: Workflow,
  node: WorkflowNode,
  definitions: Definitions,
  body: Body = workflow,
): NodeDefinition | undefined {
  const known = definitions.get(node.type)
  if (known) return known
  if (node.type === PRIMITIVE) return primitiveDefinition(workflow, node, definitions, body)
  if (GETTERS.has(node.type)) return getterDefinition(node.type, namesIn(workflow, body))
  const subgraph = subgraphOf(workflow, node.type)
  return subgraph ? instanceDefinition(workflow, subgraph, definitions) : pageDefinition(node.type)
}

/** A subgraph as a node type: its ports, those that feed widgets with what these widgets are. */
export function instanceDefinition(
  workflow: Workflow,
  subgraph: SubgraphDefinition,
  definitions: Definitions,
  depth = 0,
): NodeDefinition {
  return {
    type: subgraph.id,
    title: subgraph.name,
    category: '',
    description: typeof subgraph.description === 'string' ? subgraph.description : '',
    isOutput: false,
    deprecated: false,
    experimental: false,
    pack: '',
    inputs: (subgraph.inputs ?? []).map((port, slot) => {
      const fed = depth < 20 ? portWidget(workflow, subgraph, slot, definitions, depth) : undefined
      const input = fed ?? { ...slotInput(port.name, port.type), settings: { forceInput: true } }
      return { ...input, name: port.name, required: false }
    }),
    outputs: (subgraph.outputs ?? []).map((port) => ({
      name: port.label ?? port.name,
      type: port.type,
      list: false,
    })),
    aliases: [],
  }
}

/** The widget that a subgraph's input feeds, or undefined if it feeds sockets. */
function portWidget(
  workflow: Workflow,
  subgraph: SubgraphDefinition,
  slot: number,
  definitions: Definitions,
  depth: number,
): InputDefinition | undefined {
  for (const { node, name } of portTargets(subgraph, slot)) {
    if (!node.inputs?.find((entry) => entry.name === name)?.widget) continue
    const inner = subgraphOf(workflow, node.type)
    const definition = inner
      ? instanceDefinition(workflow, inner, definitions, depth + 1)
      : (definitions.get(node.type) ?? pageDefinition(node.type))
    const reading = readArray(node, definition)
    const input = [...(definition?.inputs ?? []), ...reading.inputs, ...reading.missing].find(
      (entry) => entry?.name === name,
    )
    if (!input) return slotInput(name, subgraph.inputs?.[slot]?.type)
    const at = reading.inputs.findIndex((entry) => entry?.name === name)
    const written = at >= 0 && Array.isArray(node.widgets_values) ? node.widgets_values[at] : undefined
    return {
      ...input,
      settings: { ...input.settings, ...(written === undefined ? {} : { default: written }) },
    }
  }
  return undefined
}

/** The inputs inside a subgraph that one of its own inputs feeds. */
export function portTargets(
  subgraph: SubgraphDefinition,
  slot: number,
): { node: WorkflowNode; name: string }[] {
  return linksOf(subgraph)
    .filter((link) => sameId(link.from, INPUTS_NODE) && link.fromSlot === slot)
    .flatMap((link) => {
      const node = subgraph.nodes.find((entry) => sameId(entry.id, link.to))
      const name = node?.inputs?.[link.toSlot]?.name
      return node && typeof name === 'string' ? [{ node, name }] : []
    })
}

/** A primitive node holds the value of the widget that it feeds. */
function primitiveDefinition(
  workflow: Workflow,
  node: WorkflowNode,
  definitions: Definitions,
  body: Body,
): NodeDefinition {
  const base = pageDefinition(PRIMITIVE) as NodeDefinition
  const link = linkById(body, node.outputs?.[0]?.links?.[0] ?? -1)
  const target = link && body.nodes.find((entry) => sameId(entry.id, link.to))
  const slot = link && target?.inputs?.[link.toSlot]
  if (!target || !slot || target.type === PRIMITIVE) return base
  const input = definitionOf(workflow, target, definitions, body)?.inputs.find(
    (entry) => entry.name === slot.name,
  )
  const value = { ...(input ?? slotInput(slot.name, slot.type)), name: 'value', required: true }
  const settings = {
    ...value.settings,
    ...(['INT', 'FLOAT', 'COMBO'].includes(value.type) ? { control_after_generate: true } : {}),
  }
  return { ...base, title: input ? slot.name : base.title, inputs: [{ ...value, settings }] }
}

/** Names that setters give in a body, and in the document around it. */
export function namesIn(workflow: Workflow, body: Body): string[] {
  const bodies = body === workflow ? [workflow] : [body, workflow]
  const setters = bodies.flatMap((each) => each.nodes).filter((node) => SETTERS.has(node.type))
  return [...new Set(setters.map(givenName).filter(Boolean))].sort()
}

const getters = new Map<string, NodeDefinition>()

/** A getter chooses among the names that there are. It is described anew only when these are others. */
function getterDefinition(type: string, names: string[]): NodeDefinition {
  const key = JSON.stringify([type, names])
  const known = getters.get(key)
  if (known) return known
  const base = pageDefinition(type) as NodeDefinition
  const definition = { ...base, inputs: base.inputs.map((input) => ({ ...input, options: names })) }
  if (getters.size > 50) getters.clear()
  getters.set(key, definition)
  return definition
}
