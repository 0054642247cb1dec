/** Ends a connection that was begun by pointer, from wherever that is wished. */
import { flowElement } from './flow-instance'
import { useGraph } from './graph-store'

export function endConnectingNow(): void {
  useGraph.setState({ connecting: null })
  const root = flowElement()
  if (root) delete root.dataset.connecting
}
