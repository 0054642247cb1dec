/**
 * The values that a subgraph's node holds for widgets inside of it. Where the subgraph is taken apart, they are written into
 * the nodes that they are meant for. The server reads the same kinds of files; both must stay equal.
 */
import type { Definitions } from '@/doc/definitions'
import { definitionOf, instanceDefinition, portTargets, subgraphOf } from '@/doc/subgraphs'
import { hasControl } from '@/doc/widget-reading'
import {
  CONTROLS,
  proxiesOf,
  type SeedControl,
  seedControl,
  setSeedControl,
  setWidget,
  widgetsOf,
  widgetValue,
} from '@/doc/widgets'
import type { Body, SubgraphDefinition, Workflow, WorkflowNode } from '@/doc/workflow'

/** A value for a widget of a node inside. */
export interface HeldValue {
  node: string
  widget: string
  value: unknown
  /** What happens to it after a run, if it is a seed. */
  control?: SeedControl
}

const CONTROL = 'control_after_generate'
/** What a node shows of one inside without its being a widget. */
const isShown = (name: string): boolean => name.startsWith('$$')

/** What a subgraph's node holds for nodes inside. Values of ports that are linked outside stand aside. */
export function heldValues(
  workflow: Workflow,
  host: WorkflowNode,
  subgraph: SubgraphDefinition,
  known: Definitions,
): HeldValue[] {
  const linked = new Set(
    (subgraph.inputs ?? [])
      .filter((_, at) => typeof host.inputs?.[hostSlot(host, subgraph, at)]?.link === 'number')
      .map(({ name }) => name),
  )
  const proxies = proxiesOf(host)
  const found = proxies.length > 0 ? byProxies(host, proxies) : byPorts(workflow, host, subgraph, known)
  const ports = new Map((subgraph.inputs ?? []).map((port, slot) => [port.name, slot]))
  return found.flatMap(({ node, widget, value, control }) => {
    const slot = ports.get(widget)
    if (node !== OWN) return [{ node, widget, value }]
    if (slot === undefined || linked.has(widget)) return []
    return portTargets(subgraph, slot)
      .filter((target) => target.node.inputs?.some((input) => input.name === target.name && input.widget))
      .map((target) => ({ node: String(target.node.id), widget: target.name, value, control }))
  })
}

/** Which socket of a subgraph's node is the one of a port: files may list them in another order, or not all of them. */
export function hostSlot(host: WorkflowNode, subgraph: SubgraphDefinition, port: number): number {
  const [ports, sockets] = [subgraph.inputs ?? [], host.inputs ?? []]
  const named = sockets.findIndex((slot) => slot.name === ports[port]?.name)
  return named < 0 && sockets.length === ports.length ? port : named
}

/** The subgraph's node itself, in the list of what it shows. */
const OWN = '-1'

/** Files that list which inner widgets the node shows: their values lie in the order of the list, or by name. */
function byProxies(host: WorkflowNode, proxies: [string, string][]): HeldValue[] {
  const shown = proxies.filter(([, name]) => !isShown(name))
  const values = host.widgets_values
  if (values && !Array.isArray(values)) {
    return Object.entries(values).flatMap(([name, value]) => {
      const proxy = shown.find((other) => other[1] === name)
      return proxy ? [{ node: proxy[0], widget: name, value }] : []
    })
  }
  const listed = values?.length === proxies.length ? proxies : shown
  return listed.flatMap(([node, widget], at) =>
    values && at < values.length && !isShown(widget) ? [{ node, widget, value: values[at] }] : [],
  )
}

/** Files whose nodes hold the values of the inputs that feed widgets. */
function byPorts(
  workflow: Workflow,
  host: WorkflowNode,
  subgraph: SubgraphDefinition,
  known: Definitions,
): HeldValue[] {
  const values = host.widgets_values
  if (!values) return []
  const definition = instanceDefinition(workflow, subgraph, known)
  return widgetsOf(host, definition)
    .filter(({ name, index }) => (Array.isArray(values) ? index >= 0 : Object.hasOwn(values, name)))
    .map(({ name }) => ({
      node: OWN,
      widget: name,
      value: widgetValue(host, definition, name),
      control: seedControl(host, definition, name),
    }))
}

/** Writes a value into a node of a body; into one that stands for a subgraph, so that this node holds it. */
export function takeValue(
  workflow: Workflow,
  body: Body,
  node: WorkflowNode,
  { widget, value, control }: HeldValue,
  known: Definitions,
): void {
  const subgraph = subgraphOf(workflow, node.type)
  if (subgraph && proxiesOf(node).length > 0) {
    takeByProxy(workflow, node, subgraph, widget, value, known)
    return
  }
  const definition = definitionOf(workflow, node, known, body)
  if (widget !== CONTROL) {
    setWidget(node, definition, widget, value)
    if (control) setSeedControl(node, definition, widget, control)
    return
  }
  const seed = widgetsOf(node, definition).find(({ input }) => hasControl(input))
  const chosen = CONTROLS.find((other) => other === value)
  if (seed && chosen) setSeedControl(node, definition, seed.name, chosen)
}

/** A node that lists what it shows holds the values of all or of none: those that it did not hold are read from inside. */
function takeByProxy(
  workflow: Workflow,
  host: WorkflowNode,
  subgraph: SubgraphDefinition,
  widget: string,
  value: unknown,
  known: Definitions,
): void {
  const proxies = proxiesOf(host)
  const written = Array.isArray(host.widgets_values) ? host.widgets_values : []
  const listed = written.length === proxies.length ? proxies : proxies.filter(([, name]) => !isShown(name))
  const at = listed.findIndex(([, name]) => name === widget)
  if (at < 0) return
  const ports = instanceDefinition(workflow, subgraph, known)
  host.widgets_values = listed.map(([node, name], place) => {
    if (place === at) return value
    if (place < written.length) return written[place]
    const inner = subgraph.nodes.find((other) => String(other.id) === node)
    return inner
      ? widgetValue(inner, definitionOf(workflow, inner, known, subgraph), name)
      : widgetValue({ ...host, widgets_values: [] }, ports, name)
  })
}
