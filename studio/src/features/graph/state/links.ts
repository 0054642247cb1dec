/** Links of what is shown, by the ports at their ends. */
import { linksOf, type ReadLink } from '@/doc/links'
import { pageDefinition } from '@/doc/page-nodes'
import type { Body } from '@/doc/workflow'
import { knownDefinitions } from './known'
import { nodesById, useBody } from './scope'

interface Index {
  all: ReadLink[]
  byId: Map<number, ReadLink>
  byTarget: Map<string, ReadLink>
  byNode: Map<string, ReadLink[]>
}

const indexes = new WeakMap<object, Index>()

/** Links by their ends; read once per list of links. */
export function linkIndex(body: Body): Index {
  const known = indexes.get(body.links)
  if (known) return known
  const all = linksOf(body)
  const byNode = new Map<string, ReadLink[]>()
  for (const link of all) {
    for (const id of new Set([String(link.from), String(link.to)])) {
      const list = byNode.get(id)
      if (list) list.push(link)
      else byNode.set(id, [link])
    }
  }
  const index: Index = {
    all,
    byId: new Map(all.map((link) => [link.id, link])),
    byTarget: new Map(all.map((link) => [`${link.to}/${link.toSlot}`, link])),
    byNode,
  }
  indexes.set(body.links, index)
  return index
}

export const linkInto = (body: Body, id: string, slot: number): ReadLink | undefined =>
  linkIndex(body).byTarget.get(`${id}/${slot}`)

const knownTitle = (type: string): string =>
  knownDefinitions().get(type)?.title ?? pageDefinition(type)?.title ?? type

/** The title of the node that an input's link comes from. */
export function useLinkSource(id: string, slot: number): string {
  return (
    useBody((body) => {
      const link = linkInto(body, id, slot)
      const source = link && nodesById(body.nodes).get(String(link.from))
      return source ? source.title || knownTitle(source.type) : ''
    }) ?? ''
  )
}

/** Ids of the nodes in the order in which they run; those side by side by their place. */
export function runOrder(body: Body): string[] {
  const kept = orders.get(body.links)
  if (kept?.count === body.nodes.length) return kept.order
  const order = orderOf(body)
  orders.set(body.links, { count: body.nodes.length, order })
  return order
}

/** Orders by the lists of links that they follow from. */
const orders = new WeakMap<object, { count: number; order: string[] }>()

function orderOf(body: Body): string[] {
  const nodes = [...body.nodes].sort((one, other) => one.pos[0] - other.pos[0] || one.pos[1] - other.pos[1])
  const { byNode } = linkIndex(body)
  const done = new Set<string>()
  const order: string[] = []
  const visit = (id: string, path: Set<string>) => {
    if (done.has(id) || path.has(id)) return
    path.add(id)
    for (const link of byNode.get(id) ?? []) if (String(link.to) === id) visit(String(link.from), path)
    path.delete(id)
    done.add(id)
    order.push(id)
  }
  for (const node of nodes) visit(String(node.id), new Set())
  const known = nodesById(body.nodes)
  return order.filter((id) => known.has(id))
}

/** All links that lead to a link's source and on from its target. */
export function wholePath(body: Body, start: ReadLink): Set<string> {
  const { byNode } = linkIndex(body)
  const found = new Set<string>([String(start.id)])
  const follow = (id: string, back: boolean) => {
    for (const link of byNode.get(id) ?? []) {
      const [here, there] = back ? [link.to, link.from] : [link.from, link.to]
      if (String(here) !== id || found.has(String(link.id))) continue
      found.add(String(link.id))
      follow(String(there), back)
    }
  }
  follow(String(start.from), true)
  follow(String(start.to), false)
  return found
}
