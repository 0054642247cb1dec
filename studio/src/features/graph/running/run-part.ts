/** Running some outputs of a document only. */
import type { NodeId, WorkflowNode } from '@/doc/workflow'
import { knownDefinitions } from '../state/known'
import { fullId, type Scope } from '../state/scope'

/** Ids, as the server says them, of the nodes that give results. */
export const outputsAmong = (scope: Scope, nodes: readonly WorkflowNode[]): string[] =>
  nodes.filter((node) => knownDefinitions().get(node.type)?.isOutput).map((node) => idAt(scope, node.id))

const idAt = (scope: Scope, id: NodeId): string => fullId(scope, String(id))
