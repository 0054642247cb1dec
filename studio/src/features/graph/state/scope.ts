/**
 * Which nodes are shown: those of the document, or of a subgraph in it that was entered. Components read single fields of
 * nodes through here, so that a change of one value draws one widget.
 */
import { createContext, useContext } from 'react'
import { type Edit, edit, useDocuments } from '@/app/documents'
import { bodyAt as bodyBelow } from '@/doc/subgraphs'
import type { Body, Workflow, WorkflowNode } from '@/doc/workflow'

export interface Scope {
  document: string
  /** Ids of the subgraph nodes that were entered, the outermost first. */
  path: readonly string[]
}

export const ScopeContext = createContext<Scope>({ document: '', path: [] })
export const useScope = (): Scope => useContext(ScopeContext)

/** The nodes and links at a path, or undefined if there is no such subgraph any more. */
export const bodyAt = (workflow: Workflow | undefined, path: readonly string[]): Body | undefined =>
  workflow && (path.length > 0 ? bodyBelow(workflow, path.join(':')) : workflow)

const indexes = new WeakMap<object, Map<string, WorkflowNode>>()

/** Nodes by their ids as text. */
export function nodesById(nodes: readonly WorkflowNode[]): Map<string, WorkflowNode> {
  const known = indexes.get(nodes)
  if (known) return known
  const index = new Map(nodes.map((node) => [String(node.id), node]))
  indexes.set(nodes, index)
  return index
}

export const workflowOf = (document: string): Workflow | undefined =>
  useDocuments.getState().open[document]?.workflow

export const bodyOf = (scope: Scope): Body | undefined => bodyAt(workflowOf(scope.document), scope.path)

export const nodeOf = (scope: Scope, id: string): WorkflowNode | undefined => {
  const body = bodyOf(scope)
  return body && nodesById(body.nodes).get(id)
}

/** A field of a node, and nothing else of it: the component is drawn when this changes. */
export function useNode<T>(id: string, select: (node: WorkflowNode) => T): T | undefined {
  const scope = useScope()
  return useDocuments((state) => {
    const body = bodyAt(state.open[scope.document]?.workflow, scope.path)
    const node = body && nodesById(body.nodes).get(id)
    return node && select(node)
  })
}

/** Something of the nodes and links that are shown. */
export function useBody<T>(select: (body: Body) => T): T | undefined {
  const scope = useScope()
  return useDocuments((state) => {
    const body = bodyAt(state.open[scope.document]?.workflow, scope.path)
    return body && select(body)
  })
}

/** Changes what is shown: a document's body, or that of the subgraph that was entered. */
export function editBody(scope: Scope, how: Edit, change: (body: Body, workflow: Workflow) => void): void {
  edit(scope.document, how, (draft) => {
    const body = bodyAt(draft, scope.path)
    if (body) change(body, draft)
  })
}

/** Changes one node. It is found before the draft is touched: looking for it in a draft costs a proxy a node. */
export function editNode(
  scope: Scope,
  id: string,
  how: Edit,
  change: (node: WorkflowNode, body: Body) => void,
): void {
  const at = bodyOf(scope)?.nodes.findIndex((node) => String(node.id) === id) ?? -1
  if (at < 0) return
  editBody(scope, how, (body) => change(body.nodes[at]!, body))
}

/** A node's id as the server says it: `outer:inner` inside subgraphs. */
export const fullId = (scope: Scope, id: string): string => [...scope.path, id].join(':')
