/** Menus of the ports of a subgraph, seen from inside: what it shall take and give, and under which names. */
import { definitionOf } from '@/doc/subgraphs'
import { widgetsOf } from '@/doc/widgets'
import type { SubgraphDefinition, WorkflowNode } from '@/doc/workflow'
import { t } from '@/i18n/text'
import type { MenuEntry } from '@/ui/menu'
import { useGraph } from '../state/graph-store'
import { knownDefinitions } from '../state/known'
import { typeText } from '../state/ports'
import { bodyOf, editBody, type Scope, workflowOf } from '../state/scope'
import { addPort, type InnerSocket, movePort, type PortSide, removePort } from './subgraph-ports'

/** How a port that is being renamed is called in the screen's own state. */
export const portKey = (side: PortSide, at: number): string => `port:${side}:${at}`

/** What can be done with one port. */
export function portMenu(scope: Scope, side: PortSide, at: number, count: number): MenuEntry[] {
  const change = (
    label: string,
    how: (subgraph: SubgraphDefinition, workflow: Parameters<typeof movePort>[0]) => void,
  ) => editBody(scope, { label }, (body, workflow) => how(body as SubgraphDefinition, workflow))
  const known = knownDefinitions()
  return [
    { label: t('Rename'), onSelect: () => useGraph.setState({ renaming: portKey(side, at) }) },
    {
      label: t('Move up'),
      disabled: at === 0,
      onSelect: () =>
        change(t('Move port'), (subgraph, workflow) => movePort(workflow, subgraph, side, at, -1, known)),
    },
    {
      label: t('Move down'),
      disabled: at === count - 1,
      onSelect: () =>
        change(t('Move port'), (subgraph, workflow) => movePort(workflow, subgraph, side, at, 1, known)),
    },
    'line',
    {
      label: t('Remove'),
      danger: true,
      onSelect: () =>
        change(t('Remove port'), (subgraph, workflow) => removePort(workflow, subgraph, side, at, known)),
    },
  ]
}

/** Sockets inside that have no port yet, by node. */
export function newPortMenu(scope: Scope, side: PortSide): MenuEntry[] {
  const nodes = bodyOf(scope)?.nodes ?? []
  const entries = nodes.flatMap((node): MenuEntry[] => {
    const sockets = side === 'inputs' ? freeInputs(scope, node) : outputs(node)
    if (sockets.length === 0) return []
    return [
      {
        label: `${node.title || knownDefinitions().get(node.type)?.title || node.type} #${node.id}`,
        entries: sockets.map((socket) => ({
          label: socket.name,
          onSelect: () =>
            editBody(scope, { label: t('Add port') }, (body, workflow) =>
              addPort(workflow, body as SubgraphDefinition, side, socket, knownDefinitions()),
            ),
        })),
      },
    ]
  })
  return entries.length > 0
    ? entries
    : [{ label: t('There is nothing left to add'), disabled: true, onSelect: () => undefined }]
}

const outputs = (node: WorkflowNode): InnerSocket[] =>
  (node.outputs ?? []).map((slot, at) => ({
    node: node.id,
    slot: at,
    name: slot.name,
    type: typeText(slot.type),
    widget: false,
  }))

/** Inputs without a link, and widgets. */
function freeInputs(scope: Scope, node: WorkflowNode): InnerSocket[] {
  const workflow = workflowOf(scope.document)
  const body = bodyOf(scope)
  if (!workflow || !body) return []
  const written = (node.inputs ?? []).map((slot, at) => ({ slot, at })).filter(({ slot }) => slot)
  const names = new Set(written.map(({ slot }) => slot.name))
  const widgets = widgetsOf(node, definitionOf(workflow, node, knownDefinitions(), body))
  return [
    ...written
      .filter(({ slot }) => slot.link === null || slot.link === undefined)
      .map(({ slot, at }) => ({
        node: node.id,
        slot: at,
        name: slot.name,
        type: typeText(slot.type),
        widget: Boolean(slot.widget),
      })),
    ...widgets
      .filter(({ name, input }) => !names.has(name) && !input.settings.socketless)
      .map(({ name, input }) => ({ node: node.id, slot: name, name, type: input.type, widget: true })),
  ]
}
