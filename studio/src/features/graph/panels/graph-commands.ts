/** Keys and commands of the graph. */
import { useMemo } from 'react'
import { type Command, useCommands } from '@/app/commands'
import { goTo } from '@/app/navigation'
import { t } from '@/i18n/text'
import { fitView, middle, zoomBy, zoomTo } from '../canvas/flow-instance'
import {
  arrange,
  bypass,
  collapse,
  duplicateSelected,
  group,
  mute,
  nudge,
  pin,
  removeSelected,
} from '../editing/actions'
import { copySelected, cutSelected, pasteHere } from '../editing/clipboard'
import { makeSubgraph, unpackSelected } from '../editing/subgraph-actions'
import { nextProblem } from '../problems/problems'
import { enter, select, useGraph } from '../state/graph-store'
import { setPanels, showHelp, toggleLeft, usePanels } from '../state/panels'
import { bodyOf, type Scope, useScope } from '../state/scope'
import { addInTheMiddle } from './graph-toolbar'

export function useGraphCommands(): void {
  const scope = useScope()
  useCommands(
    useMemo(() => [...editing(scope), ...structure(scope), ...moving(scope), ...looking(scope)], [scope]),
  )
}

const only = (): string => {
  const { selected } = useGraph.getState()
  return selected.size === 1 ? [...selected][0]! : ''
}

function editing(scope: Scope): Command[] {
  const group = t('Graph')
  return [
    { id: 'graph.add', label: t('Add node'), keys: '/', group, run: addInTheMiddle },
    { id: 'graph.copy', label: t('Copy nodes'), keys: 'Mod+C', group, run: () => copyOrText(scope) },
    { id: 'graph.cut', label: t('Cut nodes'), keys: 'Mod+X', group, run: () => cutSelected(scope) },
    {
      id: 'graph.paste',
      label: t('Paste nodes'),
      group,
      run: () => void pasteHere(scope, middle(), false),
    },
    {
      id: 'graph.paste.links',
      label: t('Paste nodes with their incoming links'),
      keys: 'Mod+Shift+V',
      group,
      run: () => void pasteHere(scope, middle(), true),
    },
    {
      id: 'graph.duplicate',
      label: t('Duplicate'),
      keys: 'Mod+D',
      group,
      run: () => duplicateSelected(scope),
    },
    { id: 'graph.delete', label: t('Delete'), keys: 'Delete', group, run: () => removeSelected(scope) },
    {
      id: 'graph.delete.back',
      label: t('Delete'),
      keys: 'Backspace',
      group,
      hidden: true,
      run: () => removeSelected(scope),
    },
    { id: 'graph.all', label: t('Select all'), keys: 'Mod+A', group, run: () => selectAll(scope) },
    {
      id: 'graph.connect',
      label: t('Connect by keyboard'),
      keys: 'K',
      group,
      run: () => useGraph.setState({ choosing: only() || useGraph.getState().current || null }),
    },
    {
      id: 'graph.rename',
      label: t('Rename node'),
      keys: 'F2',
      group,
      run: () => useGraph.setState({ renaming: only() || null }),
    },
  ]
}

/** Copies nodes, unless a text is selected: then that is meant. */
function copyOrText(scope: Scope): void {
  const text = getSelection()?.toString()
  if (text) void navigator.clipboard?.writeText(text).catch(() => undefined)
  else copySelected(scope)
}

const selectAll = (scope: Scope): void => select(bodyOf(scope)?.nodes.map((node) => String(node.id)) ?? [])

function structure(scope: Scope): Command[] {
  const heading = t('Graph')
  return [
    { id: 'graph.bypass', label: t('Bypass'), keys: 'Mod+B', group: heading, run: () => bypass(scope) },
    { id: 'graph.mute', label: t('Mute'), keys: 'Mod+M', group: heading, run: () => mute(scope) },
    { id: 'graph.group', label: t('Group'), keys: 'Mod+G', group: heading, run: () => group(scope) },
    { id: 'graph.collapse', label: t('Collapse'), keys: 'Alt+C', group: heading, run: () => collapse(scope) },
    { id: 'graph.pin', label: t('Pin'), keys: 'P', group: heading, run: () => pin(scope) },
    {
      id: 'graph.subgraph',
      label: t('Make a subgraph'),
      keys: 'Mod+Shift+E',
      group: heading,
      run: () => makeSubgraph(scope),
    },
    { id: 'graph.unpack', label: t('Unpack subgraph'), group: heading, run: () => unpackSelected(scope) },
    {
      id: 'graph.out',
      label: t('Leave the subgraph'),
      group: heading,
      run: () => scope.path.length > 0 && enter(scope.document, scope.path.slice(0, -1)),
    },
    { id: 'graph.arrange', label: t('Lay out'), group: heading, run: () => arrange(scope) },
  ]
}

const STEP = 10

function moving(scope: Scope): Command[] {
  const group = t('Graph')
  const arrows: [string, number, number][] = [
    ['ArrowLeft', -1, 0],
    ['ArrowRight', 1, 0],
    ['ArrowUp', 0, -1],
    ['ArrowDown', 0, 1],
  ]
  return arrows.flatMap(([key, x, y]) => [
    {
      id: `graph.move.${key}`,
      label: t('Move what is selected'),
      keys: key,
      group,
      hidden: key !== 'ArrowLeft',
      run: () => nudge(scope, [x * STEP, y * STEP]),
    },
    {
      id: `graph.move.far.${key}`,
      label: t('Move what is selected far'),
      keys: `Shift+${key}`,
      group,
      hidden: key !== 'ArrowLeft',
      run: () => nudge(scope, [x * STEP * 10, y * STEP * 10]),
    },
  ])
}

function looking(scope: Scope): Command[] {
  const group = t('View')
  return [
    { id: 'graph.fit', label: t('Fit'), keys: '.', group, run: () => fitView(chosen()) },
    { id: 'graph.hundred', label: t('Zoom to 100 %'), keys: 'Mod+0', group, run: () => zoomTo(1) },
    { id: 'graph.in', label: t('Larger'), keys: 'Alt+=', group, run: () => zoomBy(1.25) },
    { id: 'graph.smaller', label: t('Smaller'), keys: 'Alt+-', group, run: () => zoomBy(1 / 1.25) },
    {
      id: 'graph.problem',
      label: t('Next problem'),
      keys: 'F8',
      group,
      whileTyping: true,
      run: () => nextProblem(scope),
    },
    { id: 'graph.library', label: t('Node library'), keys: 'N', group, run: () => toggleLeft('library') },
    { id: 'graph.outline', label: t('Outline'), keys: 'O', group, run: () => toggleLeft('outline') },
    { id: 'graph.models', label: t('Models'), keys: 'M', group, run: () => goTo('models') },
    { id: 'graph.apps', label: t('Apps'), keys: 'A', group, run: () => goTo('apps') },
    {
      id: 'graph.help',
      label: t('Help for the selected node'),
      keys: 'H',
      group,
      run: () => showHelp(only()),
    },
    {
      id: 'graph.panels',
      label: t('Hide or show all panels'),
      keys: 'F',
      group,
      run: () => setPanels({ hidden: !usePanels.getState().hidden }),
    },
    {
      id: 'graph.minimap',
      label: t('Minimap'),
      keys: 'Alt+N',
      group,
      run: () => setPanels({ minimap: !usePanels.getState().minimap }),
    },
  ]
}

const chosen = (): string[] | undefined => {
  const { selected } = useGraph.getState()
  return selected.size > 0 ? [...selected] : undefined
}
