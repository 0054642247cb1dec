/** Menus of a node's sockets: naming what an output carries, and where an input takes its value from. */
import { addNode, nodeIn } from '@/doc/edit'
import { PRIMITIVE, pageDefinition } from '@/doc/page-nodes'
import { t } from '@/i18n/text'
import type { MenuEntry } from '@/ui/menu'
import { currentFlow } from '../canvas/flow-instance'
import type { FlowNode, NodeData } from '../state/elements'
import type { Port } from '../state/geometry'
import { type PortRef, select, useGraph } from '../state/graph-store'
import { knownDefinitions } from '../state/known'
import { linkIndex, linkInto } from '../state/links'
import { bodyOf, editBody, nodeOf, type Scope } from '../state/scope'
import { cutPort } from './actions'
import { freePlace } from './free-place'
import { namesFor, nameValue, takeNamedValue } from './named-values'
import { wire } from './wiring'

/** What can be done with one socket. `at`: where the search for a node to add opens. */
export function socketMenu(scope: Scope, port: PortRef, at: [number, number]): MenuEntry[] {
  const isLinked = hasLinks(scope, port)
  return [
    { label: t('Add a linked node…'), onSelect: () => searchFrom(port, at) },
    ...(port.side === 'out' ? outputEntries(scope, port) : inputEntries(scope, port)),
    ...(isLinked
      ? ([
          'line',
          { label: t('Disconnect'), danger: true, onSelect: () => cutPort(scope, port) },
        ] as MenuEntry[])
      : []),
  ]
}

const outputEntries = (scope: Scope, port: PortRef): MenuEntry[] => [
  { label: t('Name this value…'), onSelect: () => nameValue(scope, port) },
]

function inputEntries(scope: Scope, port: PortRef): MenuEntry[] {
  const names = namesFor(scope, port)
  return [
    ...(names.length > 0
      ? [
          {
            label: t('Use a named value'),
            entries: names.map((name) => ({
              label: name,
              onSelect: () => takeNamedValue(scope, port, name),
            })),
          },
        ]
      : []),
    ...(port.widget
      ? [{ label: t('Take the value from a primitive'), onSelect: () => addPrimitive(scope, port) }]
      : []),
  ]
}

/** All sockets of a node with their menus: the way there without a pointer. */
export function socketsOf(scope: Scope, id: string): MenuEntry[] {
  const flow = currentFlow()
  const node = flow?.getNode(id) as FlowNode | undefined
  const { shape } = (node?.data ?? {}) as Partial<NodeData>
  if (!flow || !node || !shape) return []
  const { x, y } = flow.flowToScreenPosition(node.position)
  const entry = (port: Port): MenuEntry => ({
    label: port.label || port.type,
    entries: socketMenu(scope, refOf(id, port), [x, y]),
  })
  const [inputs, outputs] = [shape.inputs.map(entry), shape.outputs.map(entry)]
  return [
    ...(inputs.length > 0 ? [{ label: t('Inputs'), entries: inputs }] : []),
    ...(outputs.length > 0 ? [{ label: t('Outputs'), entries: outputs }] : []),
  ]
}

const refOf = (node: string, { side, slot, type, widget }: Port): PortRef => ({
  node,
  side,
  slot,
  type,
  ...(widget ? { widget } : {}),
})

function searchFrom(from: PortRef, at: [number, number]): void {
  const place = currentFlow()?.screenToFlowPosition({ x: at[0], y: at[1] }) ?? { x: 0, y: 0 }
  const aside = from.side === 'out' ? 60 : -60
  useGraph.setState({ adding: { at, place: [place.x + aside, place.y], from } })
}

const SIZE: [number, number] = [260, 70]

/** A node that holds the value of a widget. */
function addPrimitive(scope: Scope, port: PortRef): void {
  const node = nodeOf(scope, port.node)
  const definition = pageDefinition(PRIMITIVE)
  if (!node || !definition || !port.widget) return
  const toSlot = port.slot >= 0 ? port.slot : port.widget
  const at = freePlace(scope, [node.pos[0] - SIZE[0] - 60, node.pos[1] + 40], SIZE)
  editBody(scope, { label: t('Add {{node}}', { node: definition.title }) }, (body, workflow) => {
    const from = addNode(body, definition, at)
    nodeIn(body, from)!.size = [...SIZE]
    wire(workflow, body, { from, fromSlot: 0, to: node.id, toSlot }, knownDefinitions())
    select([String(from)])
  })
}

function hasLinks(scope: Scope, { node, side, slot }: PortRef): boolean {
  const body = bodyOf(scope)
  if (!body) return false
  if (side === 'in') return slot >= 0 && linkInto(body, node, slot) !== undefined
  return (linkIndex(body).byNode.get(node) ?? []).some(
    (link) => String(link.from) === node && link.fromSlot === slot,
  )
}
