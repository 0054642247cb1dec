/** Values of nodes by name, whatever way a file keeps them: an array, a record, or in a subgraph's instance. */
import {
  type Definitions,
  DYNAMIC_COMBO,
  type InputDefinition,
  isWidget,
  type NodeDefinition,
} from './definitions'
import { isWhole } from './exact-numbers'
import { definitionOf, findNode, subgraphOf } from './subgraphs'
import { hasControl, readArray, slotInput, suits, widgetSlots } from './widget-reading'
import type { Place, Workflow, WorkflowNode } from './workflow'

export { findNode } from './subgraphs'

export interface Widget {
  name: string
  input: InputDefinition
  /** Where the value lies in `widgets_values`; -1 where it is kept by name, or not at all yet. */
  index: number
}

/** What a page may do with a value after a run. */
export const CONTROLS = ['fixed', 'increment', 'decrement', 'randomize'] as const
export type SeedControl = (typeof CONTROLS)[number]

/** The widgets of a node in the order in which it shows them. */
export function widgetsOf(node: WorkflowNode, definition?: NodeDefinition): Widget[] {
  const named = namesOf(node)
  if (named) return namedWidgets(node, definition, named)
  const reading = readArray(node, definition)
  const found = reading.inputs.flatMap((input, index) => (input ? [{ name: input.name, input, index }] : []))
  return [...found, ...reading.missing.map((input) => ({ name: input.name, input, index: -1 }))]
}

/**
 * Names for the entries of the array where a file has them beside it, one for each. Keys that look like numbers have no
 * order of their own in an object, so such files are read as if they had none.
 */
function namesOf(node: WorkflowNode): string[] | undefined {
  const named = node.widgets_values_named
  const values = node.widgets_values
  if (!named || typeof named !== 'object' || !Array.isArray(values) || values.length === 0) {
    return values && !Array.isArray(values) ? [] : undefined
  }
  const names = Object.keys(named)
  return names.length === values.length && !names.some((name) => /^\d+$/.test(name)) ? names : undefined
}

function namedWidgets(node: WorkflowNode, definition: NodeDefinition | undefined, names: string[]): Widget[] {
  const reading = readArray({ ...node, widgets_values: [] }, definition)
  const known = new Map(reading.missing.map((input) => [input.name, input]))
  for (const slot of widgetSlots(node)) {
    if (!known.has(slot.name)) known.set(slot.name, slotInput(slot.name, slot.type))
  }
  for (const input of definition?.inputs ?? []) if (isWidget(input)) known.set(input.name, input)
  const values = node.widgets_values
  if (!Array.isArray(values)) {
    const written = definition ? [] : Object.keys(node.widgets_values ?? {})
    const all = new Set([...known.keys(), ...written.filter((name) => !NO_INPUTS.has(name))])
    return [...all].map((name) => ({
      name,
      input: known.get(name) ?? guessed(name, values?.[name]),
      index: -1,
    }))
  }
  const placed = names.flatMap((name, index) => {
    const isOwn = !definition ? !NO_INPUTS.has(name) : name.includes('.')
    const input = known.get(name) ?? (isOwn ? guessed(name, values[index]) : undefined)
    return input ? [{ name, input, index }] : []
  })
  const absent = reading.missing.filter((input) => !names.includes(input.name))
  return [...placed, ...absent.map((input) => ({ name: input.name, input, index: -1 }))]
}

/** An input of which only the value is known. */
function guessed(name: string, value: unknown): InputDefinition {
  const type = { string: 'STRING', boolean: 'BOOLEAN', number: 'FLOAT' }[typeof value as string] ?? '*'
  const isLong = typeof value === 'string' && (value.length > 60 || value.includes('\n'))
  return {
    ...slotInput(name, isWhole(value) ? 'INT' : type),
    settings: isLong ? { multiline: true } : {},
  }
}

const NO_INPUTS = new Set(['control_after_generate', 'upload', 'videopreview', 'audioUI'])

/** The value of a widget; what a new node would have if the file has none. */
export function widgetValue(
  node: WorkflowNode,
  definition: NodeDefinition | undefined,
  name: string,
): unknown {
  const widget = widgetsOf(node, definition).find((entry) => entry.name === name)
  const written = widget && writtenValue(node, widget)
  return written === undefined && widget ? defaultOf(widget.input) : written
}

function writtenValue(node: WorkflowNode, { name, index }: Widget): unknown {
  const values = node.widgets_values
  if (Array.isArray(values)) {
    if (index >= 0) return values[index]
    const named = node.widgets_values_named as Record<string, unknown> | undefined
    return named && values.length === 0 && Object.hasOwn(named, name) ? named[name] : undefined
  }
  return values && Object.hasOwn(values, name) ? values[name] : undefined
}

/** The value that a new node has. */
export function defaultOf(input: InputDefinition): unknown {
  if (input.settings.default !== undefined) return input.settings.default
  if (input.type === DYNAMIC_COMBO)
    return (input.settings.options as { key?: unknown }[] | undefined)?.[0]?.key
  if (input.type === 'COMBO') return input.options?.[0]
  return { INT: 0, FLOAT: 0, BOOLEAN: false, STRING: '' }[input.type]
}

/** Writes the value of a widget. `node` is a draft. */
export function setWidget(
  node: WorkflowNode,
  definition: NodeDefinition | undefined,
  name: string,
  value: unknown,
): void {
  if (node.widgets_values && !Array.isArray(node.widgets_values)) {
    node.widgets_values[name] = value
    return
  }
  if (!Array.isArray(node.widgets_values)) node.widgets_values = []
  const values = node.widgets_values
  const widgets = widgetsOf(node, definition)
  const widget = widgets.find((entry) => entry.name === name)
  if (!widget) return
  if (widget.input.type === DYNAMIC_COMBO) chooseDynamic(node, definition, widget, value)
  else if (widget.index >= 0) values[widget.index] = value
  else extend(node, widgets, name, value)
  keepNamed(node, name, value)
}

/** Fills the array up to a widget that it was too short for. */
function extend(node: WorkflowNode, widgets: Widget[], name: string, value: unknown): void {
  const values = node.widgets_values as unknown[]
  for (const widget of widgets) {
    if (widget.index >= 0) continue
    values.push(widget.name === name ? value : defaultOf(widget.input))
    if (hasControl(widget.input)) values.push('fixed')
    if (widget.name === name) return
  }
}

/** Chooses another option of a dynamic choice: what stands behind it changes too. Values of the same names stay. */
function chooseDynamic(
  node: WorkflowNode,
  definition: NodeDefinition | undefined,
  widget: Widget,
  value: unknown,
): void {
  const before = widgetsOf(node, definition)
  const old = new Map(before.map((entry) => [entry.name, writtenValue(node, entry)]))
  const kept = { ...node, widgets_values: [] as unknown[], widgets_values_named: undefined }
  for (const input of readArray({ ...kept, widgets_values: undefined }, definition).missing) {
    if (input.name.startsWith(`${widget.name}.`)) continue
    const own = input.name === widget.name ? value : (old.get(input.name) ?? defaultOf(input))
    kept.widgets_values.push(own)
    if (hasControl(input)) kept.widgets_values.push('fixed')
    if (input.name !== widget.name) continue
    for (const behind of readArray(kept, definition).missing) {
      if (!behind.name.startsWith(`${widget.name}.`)) continue
      const was = old.get(behind.name)
      kept.widgets_values.push(was !== undefined && suits(was, behind) ? was : defaultOf(behind))
    }
  }
  node.widgets_values = kept.widgets_values
  if (node.widgets_values_named) delete node.widgets_values_named
}

function keepNamed(node: WorkflowNode, name: string, value: unknown): void {
  const named = node.widgets_values_named
  if (named && typeof named === 'object' && Object.hasOwn(named, name))
    (named as Record<string, unknown>)[name] = value
}

/** What happens to a seed after a run, or undefined if nothing is said of it. */
export function seedControl(
  node: WorkflowNode,
  definition: NodeDefinition | undefined,
  name: string,
): SeedControl | undefined {
  const at = controlIndex(node, definition, name)
  const named = Array.isArray(node.widgets_values) ? undefined : node.widgets_values?.control_after_generate
  const written = at >= 0 ? (node.widgets_values as unknown[])[at] : named
  return CONTROLS.find((control) => control === written)
}

/** Says what happens to a seed after a run. `node` is a draft. Does nothing where there is no room for it. */
export function setSeedControl(
  node: WorkflowNode,
  definition: NodeDefinition | undefined,
  name: string,
  control: SeedControl,
): void {
  const at = controlIndex(node, definition, name)
  if (at >= 0) (node.widgets_values as unknown[])[at] = control
  else if (node.widgets_values && !Array.isArray(node.widgets_values)) {
    node.widgets_values.control_after_generate = control
  }
  keepNamed(node, 'control_after_generate', control)
}

function controlIndex(node: WorkflowNode, definition: NodeDefinition | undefined, name: string): number {
  const widget = widgetsOf(node, definition).find((entry) => entry.name === name)
  if (!widget || widget.index < 0 || !Array.isArray(node.widgets_values)) return -1
  const written = node.widgets_values[widget.index + 1]
  return CONTROLS.some((control) => control === written) ? widget.index + 1 : -1
}

/** The value at a place of a workflow. */
export function readPlace(workflow: Workflow, definitions: Definitions, place: Place): unknown {
  const handed = handedDown(workflow, place)
  if (handed) return handed.host.widgets_values?.[handed.index as keyof object]
  const node = findNode(workflow, place.node)
  return node && widgetValue(node, definitionAt(workflow, place.node, node, definitions), place.widget)
}

/** Writes the value at a place. `draft` is an Immer draft of the workflow. */
export function writePlace(draft: Workflow, definitions: Definitions, place: Place, value: unknown): void {
  const handed = handedDown(draft, place)
  if (handed) {
    ;(handed.host.widgets_values as unknown[])[handed.index] = value
    return
  }
  const node = findNode(draft, place.node)
  if (!node) return
  const inner = promotedPlace(draft, node, place)
  if (inner) writePlace(draft, definitions, inner, value)
  else setWidget(node, definitionAt(draft, place.node, node, definitions), place.widget, value)
}

/** What is known of the node at a place. */
export function definitionAt(
  workflow: Workflow,
  id: string,
  node: WorkflowNode,
  definitions: Definitions,
): NodeDefinition | undefined {
  const outer = id.includes(':') ? findNode(workflow, id.slice(0, id.lastIndexOf(':'))) : undefined
  return definitionOf(workflow, node, definitions, outer && subgraphOf(workflow, outer.type))
}

/** Inner widgets that an instance shows as its own (files of 2025): `[inner node, widget]`; -1 is the instance itself. */
export const proxiesOf = (node: WorkflowNode): [string, string][] =>
  (Array.isArray(node.properties?.proxyWidgets) ? node.properties.proxyWidgets : [])
    .filter((entry) => Array.isArray(entry) && entry.length >= 2)
    .map((entry) => [String(entry[0]), String(entry[1])])

/** Where an instance holds a value in place of the node inside of it. */
function handedDown(workflow: Workflow, place: Place): { host: WorkflowNode; index: number } | undefined {
  const at = place.node.lastIndexOf(':')
  const host = findNode(workflow, at < 0 ? place.node : place.node.slice(0, at))
  const values = host?.widgets_values
  if (!host || !Array.isArray(values) || values.length === 0) return undefined
  const inner = at < 0 ? '-1' : place.node.slice(at + 1)
  const proxies = proxiesOf(host)
  const shown =
    proxies.length === values.length ? proxies : proxies.filter((proxy) => !proxy[1].startsWith('$$'))
  const index = shown.findIndex(([node, name]) => node === inner && name === place.widget)
  return index >= 0 && index < values.length ? { host, index } : undefined
}

/** An instance without values of its own: the widget inside that its input feeds has the value. */
function promotedPlace(workflow: Workflow, node: WorkflowNode, place: Place): Place | undefined {
  const subgraph = subgraphOf(workflow, node.type)
  if (!subgraph || (Array.isArray(node.widgets_values) && node.widgets_values.length > 0)) return undefined
  const slot = (subgraph.inputs ?? []).findIndex((port) => port.name === place.widget)
  const link = subgraph.links.find((entry) => Number(entry.origin_id) === -10 && entry.origin_slot === slot)
  const target = link && subgraph.nodes.find((entry) => String(entry.id) === String(link.target_id))
  const name = target?.inputs?.[link?.target_slot ?? -1]?.name
  return target && name ? { node: `${place.node}:${target.id}`, widget: name } : undefined
}
