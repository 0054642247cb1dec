/** Putting a node into a link: it is dropped on one, and takes and gives what the link carries. */
import { connect, disconnect } from '@/doc/edit'
import { t } from '@/i18n/text'
import { flowElement } from '../canvas/flow-instance'
import type { FlowNode, NodeData } from '../state/elements'
import { linkIndex } from '../state/links'
import { fits } from '../state/ports'
import { bodyOf, editBody, type Scope } from '../state/scope'

/** Inserts a node that was dropped, if it has no links yet and lies on a link that it fits. */
export function insertIntoLink(scope: Scope, node: FlowNode): void {
  const body = bodyOf(scope)
  const { shape } = node.data as Partial<NodeData>
  if (!body || !shape || (linkIndex(body).byNode.get(node.id)?.length ?? 0) > 0) return
  const link = linkBelow(node.id)
  const found = link && linkIndex(body).byId.get(link)
  if (!found) return
  const input = shape.inputs.find((port) => port.slot >= 0 && !port.widget && fits(found.type, port.type))
  const output = shape.outputs.find((port) => fits(port.type, found.type))
  if (!input || !output) return
  const id = /^\d+$/.test(node.id) ? Number(node.id) : node.id
  editBody(scope, { label: t('Insert into link') }, (draft) => {
    disconnect(draft, found.id)
    connect(draft, found.from, found.fromSlot, id, input.slot)
    connect(draft, id, output.slot, found.to, found.toSlot)
  })
}

/** The link that is drawn under the header of a node. */
function linkBelow(id: string): number | undefined {
  const head = flowElement()
    ?.querySelector(`[data-node="${CSS.escape(id)}"]`)
    ?.getBoundingClientRect()
  if (!head) return undefined
  for (const part of [0.5, 0.35, 0.65, 0.2, 0.8]) {
    const x = head.x + head.width * part
    for (const y of [head.y + 8, head.y + 16, head.y + head.height / 2]) {
      const edge = document.elementsFromPoint(x, y).find((other) => other.closest('.react-flow__edge'))
      const link = edge?.closest<SVGGElement>('.react-flow__edge')?.dataset.id
      if (link) return Number(link)
    }
  }
  return undefined
}
