/**
 * Where everything of a node is: header, ports, widgets, pictures. Computed from the document, never measured, so links and
 * culling are right before anything is drawn.
 *
 * ComfyUI keeps the place of a node's body, with the header above it; here a node begins at its header.
 */

import type { InputDefinition, NodeDefinition } from '@/doc/definitions'
import { NAME_WIDGET, PRIMITIVE } from '@/doc/page-nodes'
import { isUpload } from '@/doc/widget-reading'
import { proxiesOf, type Widget, widgetsOf } from '@/doc/widgets'
import type { Place, WorkflowNode } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { typeText } from './ports'

export const HEADER = 30
export const ROW = 24
export const WIDGET = 28
const PADDING = 6
const TEXT_AREA = 68
const PICTURE = 150
const NARROWEST = 120
const COLLAPSED = 200

/** Nodes that lead a link around have no header. */
export const isReroute = (type: string): boolean => /^reroute/i.test(type)
/** Height of a node's header, which lies above the place that the document has for it. */
export const headerOf = (type: string): number => (isReroute(type) ? 0 : HEADER)

export interface Port {
  side: 'in' | 'out'
  /** Place in the node's list of inputs or outputs; -1: a widget that has no socket yet. */
  slot: number
  name: string
  label: string
  type: string
  y: number
  linked: boolean
  /** The widget that it stands for. */
  widget?: string
}

export interface WidgetBox {
  name: string
  label: string
  input: InputDefinition
  y: number
  height: number
  /** The socket that stands for it; -1 if there is none. */
  slot: number
  linked: boolean
  /** Where the value lies, if that is not the node itself (a subgraph's). */
  place?: Place
}

export interface Shape {
  width: number
  height: number
  inputs: Port[]
  outputs: Port[]
  widgets: WidgetBox[]
  media: { y: number; height: number } | null
  collapsed: boolean
}

export interface ShapeWish {
  definition?: NodeDefinition
  /** It has pictures to show. */
  media: boolean
  /** Widgets of a subgraph's node, which the document keeps in other ways. */
  promoted?: { widget: Widget; place: Place }[]
}

/** Computes a node's shape. */
export function shapeOf(node: WorkflowNode, { definition, media, promoted }: ShapeWish): Shape {
  const width = Math.round(Math.max(NARROWEST, node.size?.[0] ?? 0))
  const boxes = widgetBoxes(node, definition, promoted)
  const byName = new Map(boxes.map((box) => [box.name, box]))
  const plain = (node.inputs ?? []).flatMap((slot, at) =>
    slot && !(slot.widget && byName.has(widgetName(slot))) ? [at] : [],
  )
  const rows = Math.max(plain.length, node.outputs?.length ?? 0)
  if (node.flags?.collapsed) return collapsedShape(node, width, boxes)
  if (isReroute(node.type)) return rerouteShape(node)
  const inputs = plain.map((slot, row): Port => inputPort(node, slot, HEADER + PADDING + row * ROW + ROW / 2))
  const outputs = (node.outputs ?? []).map((_, slot) =>
    outputPort(node, slot, HEADER + PADDING + slot * ROW + ROW / 2),
  )
  const top = HEADER + PADDING + rows * ROW + (rows > 0 && boxes.length > 0 ? 2 : 0)
  const needed = boxes.reduce((sum, box) => sum + box.height, 0)
  const picture = media || boxes.some((box) => isPicture(box.input))
  const least = top + needed + (picture ? PICTURE : 0) + PADDING
  const height = Math.round(Math.max(HEADER + (node.size?.[1] ?? 0), least, HEADER + 12))
  place(boxes, top, picture ? 0 : height - least)
  const end = top + boxes.reduce((sum, box) => sum + box.height, 0)
  for (const box of boxes) inputs.push(...widgetPorts(node, box))
  return {
    width,
    height,
    inputs,
    outputs,
    widgets: boxes,
    media: picture ? { y: end, height: height - end - PADDING } : null,
    collapsed: false,
  }
}

/** The socket of a widget; one that it has not yet can be linked to all the same. */
function widgetPorts(node: WorkflowNode, box: WidgetBox): Port[] {
  const y = box.y + 13
  if (box.slot >= 0) return [{ ...inputPort(node, box.slot, y), widget: box.name }]
  if (box.place || box.input.settings.socketless) return []
  const { name, label, input } = box
  return [{ side: 'in', slot: -1, name, label, type: input.type, y, linked: false, widget: name }]
}

function rerouteShape(node: WorkflowNode): Shape {
  const width = Math.round(Math.max(40, node.size?.[0] ?? 0))
  const height = Math.round(Math.max(24, Math.min(40, node.size?.[1] ?? 0)))
  return {
    width,
    height,
    inputs: (node.inputs ?? []).map((_, slot) => inputPort(node, slot, height / 2)),
    outputs: (node.outputs ?? []).map((_, slot) => outputPort(node, slot, height / 2)),
    widgets: [],
    media: null,
    collapsed: false,
  }
}

const isPicture = (input: InputDefinition): boolean => isUpload(input) && Boolean(input.settings.image_upload)

const widgetName = (slot: { name: string; widget?: { name: string } }): string =>
  slot.widget?.name ?? slot.name

function collapsedShape(node: WorkflowNode, width: number, boxes: WidgetBox[]): Shape {
  const y = HEADER / 2
  return {
    width: Math.min(width, COLLAPSED),
    height: HEADER,
    inputs: (node.inputs ?? []).map((_, slot) => inputPort(node, slot, y)),
    outputs: (node.outputs ?? []).map((_, slot) => outputPort(node, slot, y)),
    widgets: boxes,
    media: null,
    collapsed: true,
  }
}

function inputPort(node: WorkflowNode, slot: number, y: number): Port {
  const input = node.inputs![slot]!
  return {
    side: 'in',
    slot,
    name: input.name,
    label: labelOf(input),
    type: typeText(input.type),
    y,
    linked: input.link !== null && input.link !== undefined,
  }
}

function outputPort(node: WorkflowNode, slot: number, y: number): Port {
  const output = node.outputs![slot]!
  return {
    side: 'out',
    slot,
    name: output.name,
    label: labelOf(output),
    // A primitive takes the type of what it is linked to first.
    type: node.type === PRIMITIVE && !output.links?.length ? '*' : typeText(output.type),
    y,
    linked: (output.links?.length ?? 0) > 0,
  }
}

const labelOf = (slot: { name: string; label?: string; localized_name?: unknown }): string =>
  slot.label || (typeof slot.localized_name === 'string' && slot.localized_name) || slot.name || ''

function widgetBoxes(
  node: WorkflowNode,
  definition: NodeDefinition | undefined,
  promoted: ShapeWish['promoted'],
): WidgetBox[] {
  const widgets = promoted ?? widgetsOf(node, definition).map((widget) => ({ widget, place: undefined }))
  return widgets.map(({ widget, place: at }) => {
    const slot = (node.inputs ?? []).findIndex((input) => input?.widget && widgetName(input) === widget.name)
    const input = node.inputs?.[slot]
    return {
      name: widget.name,
      label: input?.label || (widget.name === NAME_WIDGET ? t('name') : widget.name),
      input: widget.input,
      y: 0,
      height: isArea(widget.input) && !input?.link ? TEXT_AREA : WIDGET,
      slot,
      linked: input?.link !== null && input?.link !== undefined,
      ...(at ? { place: at } : {}),
    }
  })
}

/** Whether a text has several lines. */
export const isArea = (input: InputDefinition): boolean =>
  input.type === 'STRING' && input.settings.multiline === true

/** Gives every box its place; room that is left goes to texts of several lines. */
function place(boxes: WidgetBox[], top: number, spare: number): void {
  const areas = boxes.filter((box) => box.height === TEXT_AREA)
  let y = top
  for (const box of boxes) {
    if (box.height === TEXT_AREA && areas.length > 0) box.height += Math.max(0, spare) / areas.length
    box.y = y
    y += box.height
  }
}

/** Widgets that a subgraph's node shows for nodes inside of it (files of 2025), by the way to them. */
export const hasProxies = (node: WorkflowNode): boolean => proxiesOf(node).length > 0
