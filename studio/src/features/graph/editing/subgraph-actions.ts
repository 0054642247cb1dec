/** Making subgraphs of a selection, and taking them apart again. */
import { t } from '@/i18n/text'
import { announce } from '@/ui/announce'
import { enter, select, useGraph } from '../state/graph-store'
import { knownDefinitions } from '../state/known'
import { bodyOf, editBody, nodeOf, type Scope } from '../state/scope'
import { refuse, selectedNodes } from './actions'
import { fold, unfold } from './subgraph-editing'

/** Puts what is selected into a subgraph of its own, in whose place a node stands. */
export function makeSubgraph(scope: Scope): void {
  const ids = selectedNodes(scope)
  if (ids.length === 0) {
    refuse(t('Select nodes first.'))
    return
  }
  let host = ''
  editBody(
    scope,
    { label: t('Make a subgraph of {{count}} nodes', { count: ids.length }) },
    (body, workflow) => {
      host = String(fold(workflow, body, ids, t('New subgraph')))
    },
  )
  if (!host) return
  select([host])
  useGraph.setState({ renaming: host })
  announce(t('Made a subgraph.'))
}

/** Puts what is in a subgraph in the place of the node that stands for it. */
export function unpack(scope: Scope, id: string): void {
  const host = nodeOf(scope, id)
  if (!host || !bodyOf(scope)) return
  let inner: string[] = []
  editBody(scope, { label: t('Unpack subgraph') }, (body, workflow) => {
    inner = unfold(workflow, body, host.id, knownDefinitions()).map(String)
  })
  if (inner.length > 0) select(inner)
}

export function unpackSelected(scope: Scope): void {
  const [id] = selectedNodes(scope)
  if (id === undefined) refuse(t('Select a subgraph first.'))
  else unpack(scope, String(id))
}

export const leave = (scope: Scope): void => {
  if (scope.path.length > 0) enter(scope.document, scope.path.slice(0, -1))
}
