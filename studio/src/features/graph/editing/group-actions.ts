/** What can be done with a group, and with all nodes in it. */
import { runNow } from '@/app/run-now'
import { type Group, MODE, type WorkflowNode } from '@/doc/workflow'
import { t } from '@/i18n/text'
import type { MenuEntry } from '@/ui/menu'
import { outputsAmong } from '../running/run-part'
import { GROUP_ID } from '../state/elements'
import { select, useGraph } from '../state/graph-store'
import { bodyOf, editBody, type Scope } from '../state/scope'
import { PALETTE } from '../state/tints'
import { bypass, mute, refuse } from './actions'

/** Nodes whose middle lies in a group. */
export function nodesIn(scope: Scope, at: number): WorkflowNode[] {
  const body = bodyOf(scope)
  const group = body?.groups?.[at]
  if (!body || !group) return []
  return body.nodes.filter((node) => isInside(group, node))
}

export function isInside({ bounding: [x, y, width, height] }: Group, node: WorkflowNode): boolean {
  const across = node.pos[0] + node.size[0] / 2
  const down = node.pos[1] + node.size[1] / 2
  return across >= x && across <= x + width && down >= y && down <= y + height
}

const idsIn = (scope: Scope, at: number) => nodesIn(scope, at).map((node) => node.id)

export const bypassGroup = (scope: Scope, at: number): void => bypass(scope, idsIn(scope, at))
export const muteGroup = (scope: Scope, at: number): void => mute(scope, idsIn(scope, at))

/** Runs the outputs in a group, and what they need. */
export async function runGroup(scope: Scope, at: number): Promise<void> {
  const nodes = nodesIn(scope, at).filter((node) => (node.mode ?? 0) === MODE.always)
  const targets = outputsAmong(scope, nodes)
  if (targets.length === 0) return refuse(t('There is no output in this group.'))
  await runNow({ targets })
}

export function nameGroup(scope: Scope, at: number, title: string): void {
  editBody(scope, { label: t('Rename group') }, (body) => {
    if (body.groups?.[at]) body.groups[at].title = title
  })
}

export function resizeGroup(scope: Scope, at: number, [width, height]: [number, number]): void {
  editBody(scope, { label: t('Resize group'), merge: `resize-group:${at}` }, (body) => {
    const group = body.groups?.[at]
    if (group) group.bounding = [group.bounding[0], group.bounding[1], Math.round(width), Math.round(height)]
  })
}

function colourGroup(scope: Scope, at: number, colour: string): void {
  editBody(scope, { label: t('Change colour') }, (body) => {
    if (body.groups?.[at]) body.groups[at].color = colour
  })
}

function removeGroup(scope: Scope, at: number): void {
  editBody(scope, { label: t('Remove group, keep nodes') }, (body) => {
    body.groups = body.groups?.filter((_, other) => other !== at)
  })
}

export const groupMenu = (scope: Scope, at: number): MenuEntry[] => [
  { label: t('Rename'), onSelect: () => useGraph.setState({ renaming: `${GROUP_ID}${at}` }) },
  { label: t('Select its nodes'), onSelect: () => select(idsIn(scope, at).map(String)) },
  'line',
  { label: t('Run this group'), onSelect: () => void runGroup(scope, at) },
  { label: t('Bypass this group'), onSelect: () => bypassGroup(scope, at) },
  { label: t('Mute this group'), onSelect: () => muteGroup(scope, at) },
  {
    label: t('Colour'),
    entries: PALETTE.map(({ name, head }) => ({
      label: t(name),
      onSelect: () => colourGroup(scope, at, head),
    })),
  },
  'line',
  { label: t('Remove group, keep nodes'), danger: true, onSelect: () => removeGroup(scope, at) },
]
