/** Puts another file's name in the place of a missing one, wherever a workflow names it. */
import type { Workflow, WorkflowNode } from '@/doc/workflow'

/** Changes a draft: values of nodes, in subgraphs too, whether they are kept as a list or by name. */
export function replaceModel(draft: Workflow, missing: string, name: string): void {
  const inside =
    (draft as { definitions?: { subgraphs?: { nodes?: WorkflowNode[] }[] } }).definitions?.subgraphs ?? []
  for (const nodes of [draft.nodes, ...inside.map((graph) => graph.nodes ?? [])])
    for (const node of nodes) replaceIn(node, missing, name)
}

function replaceIn(node: WorkflowNode, missing: string, name: string): void {
  const values = node.widgets_values
  if (Array.isArray(values)) {
    values.forEach((value, at) => {
      if (value === missing) values[at] = name
    })
  } else if (values && typeof values === 'object') {
    const record = values as Record<string, unknown>
    for (const [key, value] of Object.entries(record)) if (value === missing) record[key] = name
  }
}
