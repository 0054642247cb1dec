/** Which port an element of the graph stands for. */
import type { PortRef } from '../state/graph-store'

/** The port that an element stands for. */
export function portOf(element: Element | null): PortRef | undefined {
  const port = element?.closest<HTMLElement>('[data-port]')
  if (!port) return undefined
  const { owner = '', side, port: slot, type = '*', widget } = port.dataset
  return { node: owner, side: side as 'in' | 'out', slot: Number(slot), type, ...(widget ? { widget } : {}) }
}
