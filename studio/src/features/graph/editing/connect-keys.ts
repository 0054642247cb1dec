/** Ends a connection that was begun by pointer, from wherever that is wished. */
import { flowElement } from '../canvas/flow-instance'
import { useGraph } from '../state/graph-store'

export function endConnectingNow(): void {
  useGraph.setState({ connecting: null })
  const root = flowElement()
  if (root) delete root.dataset.connecting
}
