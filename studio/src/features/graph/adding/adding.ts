/** Adding a node, with the link that asked for it. */
import type { NodeDefinition } from '@/doc/definitions'
import { addNode } from '@/doc/edit'
import type { NodeId } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { announce } from '@/ui/announce'
import { wire } from '../editing/wiring'
import { HEADER } from '../state/geometry'
import { type PortRef, select } from '../state/graph-store'
import { knownDefinitions } from '../state/known'
import { editBody, type Scope } from '../state/scope'
import { countUse, portFor } from './node-search'

/** Adds a node at a place; links it to a port, if one is named. Returns its id. */
export function add(
  scope: Scope,
  definition: NodeDefinition,
  [x, y]: [number, number],
  from?: PortRef,
): NodeId | undefined {
  let id: NodeId | undefined
  editBody(scope, { label: t('Add {{node}}', { node: definition.title }) }, (body, workflow) => {
    const left = from?.side === 'in' ? x - 280 : x
    id = addNode(body, definition, [Math.round(left), Math.round(y + HEADER)])
    const port = from && portFor(definition, from)
    if (!from || !port) return
    const other = /^-?\d+$/.test(from.node) ? Number(from.node) : from.node
    const toSlot = from.slot >= 0 ? from.slot : (from.widget ?? '')
    const ends =
      from.side === 'out'
        ? { from: other, fromSlot: from.slot, to: id, toSlot: port.name }
        : { from: id, fromSlot: port.slot, to: other, toSlot }
    wire(workflow, body, ends, knownDefinitions())
  })
  if (id === undefined) return undefined
  countUse(definition.type)
  select([String(id)])
  announce(t('Added {{node}}', { node: definition.title }))
  return id
}
