/** Makes a drawn workflow of the API form, which has neither places nor sizes, and knows values by name. */
import type { Definitions, InputDefinition, NodeDefinition } from './definitions'
import { connect, naturalSize, newNode, PICTURE_ROOM } from './edit'
import { layout } from './layout'
import { setWidget, widgetsOf } from './widgets'
import {
  type ApiPrompt,
  emptyWorkflow,
  type NodeId,
  type OutputSlot,
  type Workflow,
  type WorkflowNode,
} from './workflow'

type ApiNode = ApiPrompt[string]

/** A workflow from its API form, laid out. Ids stay where they are numbers; the others are kept in `limner_id`. */
export function fromApi(prompt: ApiPrompt, definitions: Definitions): Workflow {
  const workflow = emptyWorkflow()
  const ids = idsOf(prompt)
  for (const [name, entry] of Object.entries(prompt)) {
    workflow.nodes.push(nodeFrom(name, entry, ids.get(name) as NodeId, definitions.get(entry.class_type)))
  }
  workflow.last_node_id = Math.max(0, ...workflow.nodes.map((node) => Number(node.id)))
  growOutputs(workflow, prompt, ids)
  for (const [name, entry] of Object.entries(prompt)) {
    for (const [input, value] of Object.entries(entry.inputs ?? {})) {
      const source = linkOf(value, ids)
      if (source) connect(workflow, source.id, source.slot, ids.get(name) as NodeId, input)
    }
  }
  typeSockets(workflow)
  const positions = layout(workflow.nodes, workflow.links, (node) => roomOf(node, definitions))
  workflow.nodes.forEach((node, order) => {
    node.pos = positions.get(node.id) ?? [0, 0]
    node.order = order
  })
  return workflow
}

/** What a node takes up, with the pictures that will come of it. */
function roomOf(node: WorkflowNode, definitions: Definitions): [number, number] {
  const definition = definitions.get(node.type)
  const shows = definition?.isOutput && definition.inputs.some((input) => input.type === 'IMAGE')
  return [node.size[0], node.size[1] + (shows ? PICTURE_ROOM : 0)]
}

function idsOf(prompt: ApiPrompt): Map<string, NodeId> {
  const names = Object.keys(prompt)
  const numbers = names.filter((name) => /^\d{1,9}$/.test(name)).map(Number)
  let next = Math.max(0, ...numbers)
  return new Map(
    names.map((name) => {
      if (/^\d{1,9}$/.test(name)) return [name, Number(name)]
      next += 1
      return [name, next]
    }),
  )
}

function linkOf(value: unknown, ids: Map<string, NodeId>): { id: NodeId; slot: number } | undefined {
  if (!Array.isArray(value) || value.length !== 2 || !Number.isInteger(value[1])) return undefined
  const id = ids.get(String(value[0]))
  return id === undefined ? undefined : { id, slot: value[1] as number }
}

function nodeFrom(
  name: string,
  entry: ApiNode,
  id: NodeId,
  definition: NodeDefinition | undefined,
): WorkflowNode {
  const node = newNode(definition ?? unknownType(entry.class_type), id, [0, 0])
  const title = entry._meta?.title
  if (title && title !== definition?.title) node.title = title
  if (String(id) !== name) node.properties = { ...node.properties, limner_id: name }
  if (definition) fillKnown(node, entry, definition)
  else fillUnknown(node, entry)
  node.size = naturalSize(
    node,
    widgetsOf(node, definition).map((widget) => widget.input),
  )
  return node
}

const isLink = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && typeof value[1] === 'number'

/** Values that the type knows. The choices come first, since others may depend on them. */
function fillKnown(node: WorkflowNode, entry: ApiNode, definition: NodeDefinition): void {
  const values = Object.entries(entry.inputs ?? {}).filter(([, value]) => !isLink(value))
  if (Array.isArray(node.widgets_values))
    node.widgets_values = node.widgets_values.map((value) => (value === 'randomize' ? 'fixed' : value))
  for (const [name, value] of values.filter(([name]) => !name.includes('.')))
    setWidget(node, definition, name, value)
  for (const [name, value] of values.filter(([name]) => name.includes('.')))
    setWidget(node, definition, name, value)
}

/** Of a type that nobody knows, values are kept by name. */
function fillUnknown(node: WorkflowNode, entry: ApiNode): void {
  const inputs = Object.entries(entry.inputs ?? {})
  node.widgets_values = Object.fromEntries(inputs.filter(([, value]) => !isLink(value)))
  node.inputs = inputs.filter(([, value]) => isLink(value)).map(([name]) => ({ name, type: '*', link: null }))
}

const unknownType = (type: string): NodeDefinition => ({
  type,
  title: type,
  category: '',
  description: '',
  isOutput: false,
  deprecated: false,
  experimental: false,
  pack: '',
  inputs: [] as InputDefinition[],
  outputs: [],
  aliases: [],
})

/** Types that nobody knows have as many outputs as are used. */
function growOutputs(workflow: Workflow, prompt: ApiPrompt, ids: Map<string, NodeId>): void {
  const byId = new Map(workflow.nodes.map((node) => [node.id, node]))
  for (const entry of Object.values(prompt)) {
    for (const value of Object.values(entry.inputs ?? {})) {
      const source = linkOf(value, ids)
      const node = source && byId.get(source.id)
      if (!node || source.slot < 0 || source.slot > 200) continue
      node.outputs ??= []
      while (node.outputs.length <= source.slot) {
        node.outputs.push({ name: `output ${node.outputs.length + 1}`, type: '*', links: null } as OutputSlot)
      }
    }
  }
}

/** Sockets without a type take that of what is linked to them. */
function typeSockets(workflow: Workflow): void {
  for (const node of workflow.nodes) {
    for (const slot of node.inputs ?? []) {
      const link =
        slot.type === '*' &&
        slot.link !== null &&
        workflow.links.find((entry) => Array.isArray(entry) && entry[0] === slot.link)
      if (Array.isArray(link)) slot.type = link[5]
    }
  }
}
