import { ReactFlowProvider, useStoreApi } from '@xyflow/react'
import { type ReactNode, useState } from 'react'
import type { FlowEdge, FlowNode } from '../state/elements'

interface UnmeasuredProps {
  nodes: FlowNode[]
  edges: FlowEdge[]
  children: ReactNode
}

/**
 * A graph whose nodes are never measured: sizes and ports are computed from the document, and what the library would read
 * from hundreds of elements after each mount is known before.
 */
export function Unmeasured({ nodes, edges, children }: UnmeasuredProps) {
  return (
    <ReactFlowProvider initialNodes={nodes} initialEdges={edges}>
      <NoMeasuring>{children}</NoMeasuring>
    </ReactFlowProvider>
  )
}

function NoMeasuring({ children }: { children: ReactNode }) {
  const store = useStoreApi()
  // Before the first node is drawn: from then on the library keeps the function that it found.
  useState(() => store.setState({ updateNodeInternals: () => undefined }))
  return children
}
