/** Linking two sockets, with what follows: a primitive that is linked for the first time takes the value that it replaces. */
import type { Definitions } from '@/doc/definitions'
import { connect, nodeIn } from '@/doc/edit'
import { PRIMITIVE } from '@/doc/page-nodes'
import { definitionOf } from '@/doc/subgraphs'
import { type Widget, widgetsOf, widgetValue } from '@/doc/widgets'
import type { Body, NodeId, Workflow, WorkflowNode } from '@/doc/workflow'

export interface Ends {
  from: NodeId
  fromSlot: number
  to: NodeId
  /** A number, or the name of a widget that may have no socket yet. */
  toSlot: number | string
}

/** Links an output to an input of a draft. Returns whether it could. */
export function wire(workflow: Workflow, body: Body, ends: Ends, known: Definitions): boolean {
  const { from, fromSlot, to, toSlot } = ends
  const [source, target] = [nodeIn(body, from), nodeIn(body, to)]
  const definition = target && definitionOf(workflow, target, known, body)
  const name = typeof toSlot === 'string' ? toSlot : target?.inputs?.[toSlot]?.name
  const widget = target && widgetsOf(target, definition).find((other) => other.name === name)
  if (source && target && widget && source.type === PRIMITIVE && !source.outputs?.[fromSlot]?.links?.length)
    takeOver(source, widget, widgetValue(target, definition, widget.name))
  if (connect(body, from, fromSlot, to, toSlot) === undefined) return false
  const socket = target?.inputs?.find((slot) => slot.name === name)
  if (widget && socket?.widget && socket.type === '*') socket.type = widget.input.type
  return true
}

const DRAWN = ['INT', 'FLOAT', 'COMBO']

/** Gives a primitive the value of the widget that it is to feed. */
function takeOver(primitive: WorkflowNode, { name, input }: Widget, value: unknown): void {
  const { type } = input
  primitive.outputs = [{ ...primitive.outputs?.[0], name: type, type, widget: { name }, links: null }]
  primitive.widgets_values = DRAWN.includes(type) ? [value, 'fixed'] : [value]
}
