/** Adding and removing the points that a link is led through. */
import { hasRecords } from '@/doc/links'
import type { Body, LinkRecord, Workflow } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { reroutesOf, routeOf } from '../state/reroutes'
import { editBody, type Scope } from '../state/scope'

interface Written {
  id: number
  parentId?: number
  pos: [number, number]
  linkIds: number[]
}

/** Adds a point to a link, behind those that it has. */
export function addPoint(scope: Scope, link: number, at: [number, number]): void {
  editBody(scope, { label: t('Add a point') }, (body) => {
    const known = reroutesOf(body)
    const last = routeOf(body, link).at(-1)
    const id = Math.max(0, ...known.map((point) => point.id)) + 1
    const point: Written = {
      id,
      ...(last ? { parentId: last.id } : {}),
      pos: [Math.round(at[0]), Math.round(at[1])],
      linkIds: [link],
    }
    write(body, [...known, point])
    leadThrough(body, link, id)
  })
}

function write(body: Body, points: unknown[]): void {
  if ('inputNode' in body || (body as { reroutes?: unknown }).reroutes)
    (body as Record<string, unknown>).reroutes = points
  else (body as Workflow).extra = { ...(body as Workflow).extra, reroutes: points }
}

/** Says at a link which point it passes last. */
function leadThrough(body: Body, link: number, point: number | undefined): void {
  if (hasRecords(body)) {
    const record = (body.links as LinkRecord[]).find((other) => other.id === link)
    if (record && point !== undefined) record.parentId = point
    else if (record) delete record.parentId
    return
  }
  const extra = (body as Workflow).extra ?? {}
  const others = (Array.isArray(extra.linkExtensions) ? extra.linkExtensions : []).filter(
    (entry) => entry?.id !== link,
  )
  const own = point === undefined ? [] : [{ id: link, parentId: point }]
  ;(body as Workflow).extra = { ...extra, linkExtensions: [...others, ...own] }
}

/** Removes points; their links go straight on. */
export function removePoints(body: Body, ids: ReadonlySet<number>): void {
  const points = reroutesOf(body)
  const parent = new Map(points.map((point) => [point.id, point.parentId]))
  const beyond = (id: number | undefined): number | undefined => {
    let at = id
    while (at !== undefined && ids.has(at)) at = parent.get(at)
    return at
  }
  const links = new Set(points.filter((point) => ids.has(point.id)).flatMap((point) => point.linkIds ?? []))
  for (const link of links) leadThrough(body, link, beyond(routeOf(body, link).at(-1)?.id))
  write(
    body,
    points
      .filter((point) => !ids.has(point.id))
      .map((point) => {
        const above = beyond(point.parentId)
        const { parentId: _, ...rest } = point
        return above === undefined ? rest : { ...rest, parentId: above }
      }),
  )
}
