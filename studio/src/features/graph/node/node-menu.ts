/** Menus of the graph, as data: at a node, at a selection, on empty ground. */

import { sendTo } from '@/app/intents'
import { subgraphOf } from '@/doc/subgraphs'
import { t } from '@/i18n/text'
import type { MenuEntry } from '@/ui/menu'
import {
  align,
  arrange,
  bypass,
  collapse,
  colour,
  dissolve,
  distribute,
  duplicateSelected,
  group,
  mute,
  pin,
  removeSelected,
  selectedNodes,
} from '../editing/actions'
import { copySelected, cutSelected, pasteHere } from '../editing/clipboard'
import { socketsOf } from '../editing/socket-menu'
import { makeSubgraph, unpack } from '../editing/subgraph-actions'
import { enter, select, useGraph } from '../state/graph-store'
import { showHelp } from '../state/panels'
import { nodeOf, type Scope, workflowOf } from '../state/scope'
import { PALETTE } from '../state/tints'

/** What can be done with a node; it and those selected with it are meant. */
export function nodeMenu(scope: Scope, id: string): MenuEntry[] {
  if (!useGraph.getState().selected.has(id)) select([id])
  const node = nodeOf(scope, id)
  const workflow = workflowOf(scope.document)
  const isSubgraph = Boolean(node && workflow && subgraphOf(workflow, node.type))
  const many = selectedNodes(scope).length > 1
  return [
    ...(isSubgraph
      ? ([
          {
            label: t('Open subgraph'),
            keys: 'Enter',
            onSelect: () => enter(scope.document, [...scope.path, id]),
          },
          { label: t('Unpack subgraph'), onSelect: () => unpack(scope, id) },
          'line',
        ] as MenuEntry[])
      : []),
    { label: t('Rename'), keys: 'F2', onSelect: () => useGraph.setState({ renaming: id }), disabled: many },
    { label: t('Help'), onSelect: () => showHelp(id), disabled: many },
    ...(many ? [] : socketsOf(scope, id)),
    'line',
    { label: t('Bypass'), keys: 'Mod+B', checked: node?.mode === 4, onSelect: () => bypass(scope) },
    { label: t('Mute'), keys: 'Mod+M', checked: node?.mode === 2, onSelect: () => mute(scope) },
    {
      label: t('Collapse'),
      keys: 'Alt+C',
      checked: node?.flags?.collapsed === true,
      onSelect: () => collapse(scope),
    },
    { label: t('Pin'), keys: 'P', checked: node?.flags?.pinned === true, onSelect: () => pin(scope) },
    { label: t('Colour'), entries: colourMenu(scope) },
    ...(many ? [{ label: t('Arrange'), entries: arrangeMenu(scope) }] : []),
    'line',
    { label: t('Copy'), keys: 'Mod+C', onSelect: () => copySelected(scope) },
    { label: t('Cut'), keys: 'Mod+X', onSelect: () => cutSelected(scope) },
    { label: t('Duplicate'), keys: 'Mod+D', onSelect: () => duplicateSelected(scope) },
    'line',
    { label: t('Group'), keys: 'Mod+G', onSelect: () => group(scope) },
    { label: t('Make a subgraph'), keys: 'Mod+Shift+E', onSelect: () => makeSubgraph(scope) },
    'line',
    { label: t('Take out, keep links'), onSelect: () => dissolve(scope) },
    { label: t('Delete'), keys: 'Delete', danger: true, onSelect: () => removeSelected(scope) },
  ]
}

const colourMenu = (scope: Scope): MenuEntry[] => [
  { label: t('None'), onSelect: () => colour(scope, undefined, undefined) },
  ...PALETTE.map(({ name, head, body }) => ({
    label: t(name),
    onSelect: () => colour(scope, head, body),
  })),
]

const arrangeMenu = (scope: Scope): MenuEntry[] => [
  { label: t('Align left'), onSelect: () => align(scope, 'left') },
  { label: t('Align centres'), onSelect: () => align(scope, 'centre') },
  { label: t('Align right'), onSelect: () => align(scope, 'right') },
  { label: t('Align top'), onSelect: () => align(scope, 'top') },
  { label: t('Align middles'), onSelect: () => align(scope, 'middle') },
  { label: t('Align bottom'), onSelect: () => align(scope, 'bottom') },
  'line',
  { label: t('Distribute across'), onSelect: () => distribute(scope, 0) },
  { label: t('Distribute down'), onSelect: () => distribute(scope, 1) },
  'line',
  { label: t('Lay out'), onSelect: () => arrange(scope) },
]

/** What can be done on empty ground. */
export function groundMenu(
  scope: Scope,
  add: () => void,
  place: [number, number],
  fit: () => void,
): MenuEntry[] {
  const some = useGraph.getState().selected.size > 0
  return [
    { label: t('Add node…'), keys: '/', onSelect: add },
    { label: t('Paste'), keys: 'Mod+V', onSelect: () => pasteHere(scope, place, false) },
    { label: t('Paste with links'), keys: 'Mod+Shift+V', onSelect: () => pasteHere(scope, place, true) },
    'line',
    { label: t('Fit'), keys: '.', onSelect: fit },
    { label: some ? t('Lay out what is selected') : t('Lay out everything'), onSelect: () => arrange(scope) },
    'line',
    { label: t('Make an app'), onSelect: () => sendTo('apps', 'make-app', { document: scope.document }) },
  ]
}
