/** Keys of the nodes: Tab goes from node to node in the order in which they run, Enter into fields, Esc out of them. */
import { type FocusEvent, type KeyboardEvent, type RefObject, useMemo } from 'react'
import { endConnectingNow } from '../editing/connect-keys'
import { enter, select, useGraph } from '../state/graph-store'
import { runOrder } from '../state/links'
import { bodyOf, type Scope, useScope } from '../state/scope'
import { currentFlow, focusNode } from './flow-instance'

const FIELDS =
  'textarea, input:not([type=hidden]):not([type=file]), .graph-field[role=combobox], button[role=switch]'

export function useFlowKeys(root: RefObject<HTMLElement | null>) {
  const scope = useScope()
  return useMemo(
    () => ({
      onKeyDown: (event: KeyboardEvent) => {
        const target = event.target as HTMLElement
        const onNode = target.dataset.node
        if (event.ctrlKey || event.metaKey || event.altKey) return
        if (event.key === 'Tab' && (onNode !== undefined || target === root.current)) {
          goOn(event, scope, onNode)
        } else if (event.key === 'Enter' && onNode !== undefined) {
          event.preventDefault()
          if (currentFlow()?.getNode(onNode)?.data.subgraph) enter(scope.document, [...scope.path, onNode])
          else target.querySelector<HTMLElement>(FIELDS)?.focus()
        } else if (event.key === 'Escape') {
          goOut(event, target, scope)
        }
      },
      onFocus: (event: FocusEvent) => {
        const node = (event.target as HTMLElement).dataset.node
        if (!node) return
        useGraph.setState({ current: node })
        const { selected } = useGraph.getState()
        if (!selected.has(node) && (event.target as HTMLElement).matches(':focus-visible')) select([node])
      },
    }),
    [root, scope],
  )
}

function goOn(event: KeyboardEvent, scope: Scope, onNode: string | undefined): void {
  const { current } = useGraph.getState()
  const next = neighbour(scope, onNode ?? current, event.shiftKey ? -1 : 1, onNode === undefined)
  if (!next) return
  event.preventDefault()
  focusNode(next)
}

function goOut(event: KeyboardEvent, target: HTMLElement, scope: Scope): void {
  const node = target.closest<HTMLElement>('[data-node]')
  if (useGraph.getState().connecting) endConnectingNow()
  else if (node && target !== node) node.focus()
  else if (useGraph.getState().selected.size > 0) select([])
  else if (scope.path.length > 0) enter(scope.document, scope.path.slice(0, -1))
  else return
  event.preventDefault()
  event.stopPropagation()
}

/** The node that runs before or after one. */
function neighbour(scope: Scope, id: string, by: number, first: boolean): string | undefined {
  const body = bodyOf(scope)
  if (!body) return undefined
  const order = runOrder(body)
  const at = order.indexOf(id)
  if (first || at < 0) return order[by > 0 ? Math.max(0, at) : order.length - 1]
  return order[at + by]
}
