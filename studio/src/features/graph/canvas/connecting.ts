/**
 * Connecting by pointer: a port is drawn to another, or touched and then the other touched. Ports that do not fit fade, and
 * say why when one is over them. The line follows the pointer without React.
 */
import { t } from '@/i18n/text'
import { cut, cutPort, link } from '../editing/actions'
import { type PortRef, useGraph } from '../state/graph-store'
import { linkInto } from '../state/links'
import { fits, lookOf } from '../state/ports'
import { bodyOf, type Scope } from '../state/scope'
import { linkPath } from './link-path'
import { portOf } from './port-element'

const FAR_ENOUGH = 5

export interface ConnectingParts {
  root: HTMLElement
  line: SVGPathElement
  why: HTMLElement
  scope: Scope
  /** A link was dropped where there is nothing. */
  onDropped: (at: [number, number], from: PortRef) => void
}

export const suitsPort = (one: PortRef, other: PortRef): boolean => {
  if (one.side === other.side || one.node === other.node) return false
  return one.side === 'out' ? fits(one.type, other.type) : fits(other.type, one.type)
}

function whyNot(one: PortRef, other: PortRef): string {
  if (one.node === other.node) return t('A node cannot be linked to itself.')
  if (one.side === other.side)
    return one.side === 'in' ? t('Inputs are linked to outputs.') : t('Outputs are linked to inputs.')
  const [given, taken] = one.side === 'out' ? [one.type, other.type] : [other.type, one.type]
  return t('{{given}} does not fit {{taken}}.', { given, taken })
}

/** Starts at a port that was pressed. */
export function pressPort(event: PointerEvent, parts: ConnectingParts): void {
  const pressed = portOf(event.target as Element)
  if (!pressed || event.button !== 0) return
  event.stopPropagation()
  event.preventDefault()
  if (event.altKey) {
    cutPort(parts.scope, pressed)
    return
  }
  const waiting = useGraph.getState().connecting
  if (waiting && suitsPort(waiting, pressed)) {
    link(parts.scope, waiting, pressed)
    endConnecting(parts)
    return
  }
  const [start, moved] = pickUp(parts.scope, pressed)
  const anchor = centreOf(parts, start, event)
  let dragging = false
  const move = (next: PointerEvent) => {
    const distance = Math.hypot(next.clientX - event.clientX, next.clientY - event.clientY)
    if (!dragging && distance < FAR_ENOUGH) return
    if (!dragging) {
      dragging = true
      begin(parts, start)
    }
    follow(parts, start, anchor(), next)
  }
  const stop = (last: PointerEvent) => {
    removeEventListener('pointermove', move)
    removeEventListener('pointerup', stop)
    removeEventListener('pointercancel', stop)
    if (!dragging) {
      begin(parts, start)
      return
    }
    endConnecting(parts)
    if (last.type === 'pointerup') drop(parts, start, moved, last)
  }
  addEventListener('pointermove', move)
  addEventListener('pointerup', stop)
  addEventListener('pointercancel', stop)
}

/** An input that is linked gives its link's other end to the hand; any other port itself. */
function pickUp(scope: Scope, port: PortRef): [start: PortRef, moved: number | undefined] {
  const body = bodyOf(scope)
  const into = body && port.side === 'in' ? linkInto(body, port.node, port.slot) : undefined
  if (!into) return [port, undefined]
  return [{ node: String(into.from), side: 'out', slot: into.fromSlot, type: into.type }, into.id]
}

/** Where a port is on the screen now; where it is not drawn, the place of the first touch. */
function centreOf({ root }: ConnectingParts, port: PortRef, event: PointerEvent): () => [number, number] {
  const find = () =>
    root.querySelector(
      `[data-owner="${CSS.escape(port.node)}"][data-side="${port.side}"][data-port="${port.slot}"]`,
    )
  return () => {
    const box = find()?.getBoundingClientRect()
    return box ? [box.x + box.width / 2, box.y + box.height / 2] : [event.clientX, event.clientY]
  }
}

function begin({ root, line }: ConnectingParts, start: PortRef): void {
  useGraph.setState({ connecting: start })
  root.dataset.connecting = 'true'
  line.style.stroke = lookOf(start.type).colour
  for (const element of root.querySelectorAll<HTMLElement>('[data-port]')) {
    const port = portOf(element)!
    const isStart = port.node === start.node && port.side === start.side && port.slot === start.slot
    element.dataset.fit = String(isStart || suitsPort(start, port))
  }
}

/** Lets go of the port that is in the hand. */
export function endConnecting({ root, line, why }: Pick<ConnectingParts, 'root' | 'line' | 'why'>): void {
  useGraph.setState({ connecting: null })
  delete root.dataset.connecting
  line.removeAttribute('d')
  why.hidden = true
}

function follow(
  { root, line, why }: ConnectingParts,
  start: PortRef,
  from: [number, number],
  event: PointerEvent,
): void {
  const box = root.getBoundingClientRect()
  const one = { x: from[0] - box.x, y: from[1] - box.y }
  const other = { x: event.clientX - box.x, y: event.clientY - box.y }
  line.setAttribute('d', start.side === 'out' ? linkPath(one, other, []) : linkPath(other, one, []))
  const over = portOf(document.elementFromPoint(event.clientX, event.clientY))
  const bad =
    over !== undefined && !suitsPort(start, over) && !(over.node === start.node && over.slot === start.slot)
  why.hidden = !bad
  if (!bad) return
  why.textContent = whyNot(start, over)
  why.style.translate = `${other.x + 14}px ${other.y + 14}px`
}

function drop(parts: ConnectingParts, start: PortRef, moved: number | undefined, event: PointerEvent): void {
  const element = document.elementFromPoint(event.clientX, event.clientY)
  const target = portOf(element) ?? portOfBody(parts.root, element, start)
  if (target && suitsPort(start, target)) {
    const same =
      moved !== undefined && bodyOf(parts.scope) && linkInto(bodyOf(parts.scope)!, target.node, target.slot)
    if (!(same && same.id === moved)) link(parts.scope, start, target, moved)
  } else if (!target && moved !== undefined) {
    cut(parts.scope, [moved])
  } else if (!target && !element?.closest('[data-node]') && parts.root.contains(element)) {
    parts.onDropped([event.clientX, event.clientY], start)
  }
}

/** Dropped on a node: the port there that fits, one without a link first. */
function portOfBody(root: HTMLElement, element: Element | null, start: PortRef): PortRef | undefined {
  const node = element?.closest<HTMLElement>('[data-node]')
  if (!node || !root.contains(node)) return undefined
  const row = element?.closest<HTMLElement>('[data-widget-row]')?.dataset.widgetRow
  const ports = [...node.querySelectorAll<HTMLElement>('[data-port]')].filter((port) =>
    suitsPort(start, portOf(port)!),
  )
  const best =
    ports.find((port) => row !== undefined && port.dataset.widget === row) ??
    ports.find((port) => port.dataset.linked !== 'true' && !port.dataset.widget) ??
    ports.find((port) => !port.dataset.widget) ??
    ports[0]
  return best && portOf(best)
}
