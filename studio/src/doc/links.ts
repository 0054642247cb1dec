/** Links of a body, whichever of the two forms the file has: lists in older files, records in newer ones and in subgraphs. */
import type { Body, Link, LinkRecord, NodeId } from './workflow'

/** What a link says, without the form that it is written in. */
export interface ReadLink {
  id: number
  from: NodeId
  fromSlot: number
  to: NodeId
  toSlot: number
  type: string
}

/** Nodes that stand for the inputs and outputs of a subgraph inside of it. */
export const INPUTS_NODE = -10
export const OUTPUTS_NODE = -20

/** Reads one link. */
export const readLink = (link: Link): ReadLink =>
  Array.isArray(link)
    ? { id: link[0], from: link[1], fromSlot: link[2], to: link[3], toSlot: link[4], type: linkType(link[5]) }
    : {
        id: link.id,
        from: link.origin_id,
        fromSlot: link.origin_slot,
        to: link.target_id,
        toSlot: link.target_slot,
        type: linkType(link.type),
      }

const linkType = (written: unknown): string =>
  typeof written === 'string' && written ? written : Array.isArray(written) ? 'COMBO' : '*'

/** All links of a body. Gaps that some programs leave are passed over. */
export const linksOf = (body: Pick<Body, 'links'>): ReadLink[] =>
  (body.links as Link[]).filter((link) => link !== null && typeof link === 'object').map(readLink)

export const linkById = (body: Pick<Body, 'links'>, id: number): ReadLink | undefined => {
  const found = (body.links as Link[]).find((link) => link !== null && idOf(link) === id)
  return found && readLink(found)
}

export const idOf = (link: Link): number => (Array.isArray(link) ? link[0] : link.id)

/** Whether a body writes its links as records. */
export const hasRecords = (body: Body): boolean =>
  'inputNode' in body ||
  'state' in body ||
  (body.links.length > 0 && !Array.isArray((body.links as Link[])[0]))

/** A link in the form that a body has. */
export function writtenLink(body: Body, link: ReadLink): Link {
  if (!hasRecords(body)) return [link.id, link.from, link.fromSlot, link.to, link.toSlot, link.type]
  const record: LinkRecord = {
    id: link.id,
    origin_id: link.from,
    origin_slot: link.fromSlot,
    target_id: link.to,
    target_slot: link.toSlot,
    type: link.type,
  }
  return record
}

/** Whether two ids mean the same node: files mix numbers and their texts. */
export const sameId = (one: NodeId, other: NodeId): boolean => String(one) === String(other)
