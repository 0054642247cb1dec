/** Points that links are led through. Files keep them beside the links: in `extra` of a document, in the body of a subgraph. */
import type { Body, LinkRecord, Workflow } from '@/doc/workflow'

export interface Point {
  id: number
  x: number
  y: number
}

interface Reroute {
  id: number
  parentId?: number
  pos: [number, number]
  linkIds?: number[]
  [more: string]: unknown
}

const EMPTY: Reroute[] = []

/** The points of a body as the file has them. */
export function reroutesOf(body: Body): Reroute[] {
  const list = (body as { reroutes?: unknown }).reroutes ?? (body as Workflow).extra?.reroutes
  return Array.isArray(list) ? (list as Reroute[]) : EMPTY
}

export const pointsOf = (body: Body): Point[] =>
  reroutesOf(body).map(({ id, pos }) => ({ id, x: Number(pos?.[0]) || 0, y: Number(pos?.[1]) || 0 }))

/** The points that a link passes, from where it comes to where it goes. */
export function routeOf(body: Body, link: number): Point[] {
  const reroutes = reroutesOf(body)
  if (reroutes.length === 0) return []
  const byId = new Map(reroutes.map((reroute) => [reroute.id, reroute]))
  const route: Point[] = []
  let at = byId.get(lastPoint(body, link) ?? Number.NaN)
  while (at && route.length < reroutes.length) {
    route.unshift({ id: at.id, x: at.pos[0], y: at.pos[1] })
    at = at.parentId === undefined ? undefined : byId.get(at.parentId)
  }
  return route
}

function lastPoint(body: Body, id: number): number | undefined {
  const extensions = (body as Workflow).extra?.linkExtensions
  if (Array.isArray(extensions)) {
    const found = extensions.find((entry) => entry?.id === id)
    if (found) return found.parentId
  }
  const links = body.links as (LinkRecord | unknown[])[]
  const record = links.find((link) => link && !Array.isArray(link) && (link as LinkRecord).id === id)
  return (record as LinkRecord | undefined)?.parentId
}

/** Puts a point elsewhere. `body` is a draft. */
export function movePoint(body: Body, id: number, [x, y]: [number, number]): void {
  const reroute = reroutesOf(body).find((other) => other.id === id)
  if (reroute) reroute.pos = [x, y]
}
