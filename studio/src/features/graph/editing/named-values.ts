/** Values with names: an output is given a name at one place and used under it at others, without a line between them. */
import { connect, nodeIn, takeNodeId } from '@/doc/edit'
import { GETTERS, givenName, NAME_WIDGET, SETTERS } from '@/doc/page-nodes'
import { namesIn } from '@/doc/subgraphs'
import type { Body, NodeId, WorkflowNode } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { drawnSize } from '../canvas/flow-instance'
import { type PortRef, select, useGraph } from '../state/graph-store'
import { fits, typeText } from '../state/ports'
import { bodyOf, editBody, nodeOf, type Scope, workflowOf } from '../state/scope'
import { freePlace } from './free-place'

const WIDTH = 180
const GAP = 50
const ROW = 24
const COLOURS = { color: '#1f4f50', bgcolor: '#1a3637' }

const setterTitle = (name: string): string => `→ ${name}`
const getterTitle = (name: string): string => `${name} →`

/** Gives what an output carries a name; the name is then written. */
export function nameValue(scope: Scope, port: PortRef): void {
  const [workflow, body, node] = [workflowOf(scope.document), bodyOf(scope), nodeOf(scope, port.node)]
  if (!workflow || !body || !node) return
  const name = freeName(node.outputs?.[port.slot]?.name || port.type, namesIn(workflow, body))
  let id: NodeId | undefined
  const [width] = drawnSize(node)
  const at = freePlace(scope, [node.pos[0] + width + GAP, node.pos[1] + port.slot * ROW + ROW], [WIDTH, 0])
  editBody(scope, { label: t('Name a value') }, (draft) => {
    id = addNamed(draft, 'SetNode', name, port.type, at)
    connect(draft, node.id, port.slot, id, 0)
  })
  if (id === undefined) return
  select([String(id)])
  useGraph.setState({ renaming: String(id) })
}

/** Links an input to what has a name. */
export function takeNamedValue(scope: Scope, port: PortRef, name: string): void {
  const node = nodeOf(scope, port.node)
  if (!node) return
  const wish: [number, number] = [node.pos[0] - WIDTH - GAP, node.pos[1] + Math.max(0, port.slot) * ROW + ROW]
  const at = freePlace(scope, wish, [WIDTH, 0])
  editBody(scope, { label: t('Use {{value}}', { value: name }) }, (draft) => {
    const id = addNamed(draft, 'GetNode', name, port.type, at)
    connect(draft, id, 0, node.id, port.slot >= 0 ? port.slot : (port.widget ?? ''))
  })
}

/** Names whose values fit an input. */
export function namesFor(scope: Scope, port: PortRef): string[] {
  const [workflow, body] = [workflowOf(scope.document), bodyOf(scope)]
  if (!workflow || !body) return []
  const setters = [body, workflow].flatMap((each) => each.nodes).filter((node) => SETTERS.has(node.type))
  return namesIn(workflow, body).filter((name) => {
    const setter = setters.find((node) => givenName(node) === name)
    return setter && fits(typeText(setter.inputs?.[0]?.type), port.type)
  })
}

/** Gives a named value another name; the places that use it follow. */
export function renameValue(scope: Scope, id: string, name: string): void {
  const how = { label: t('Rename value'), merge: `value-name:${scope.path}:${id}` }
  editBody(scope, how, (body) => {
    const node = body.nodes.find((other) => String(other.id) === id)
    if (!node) return
    const before = givenName(node)
    const isGiven = SETTERS.has(node.type)
    write(node, name, isGiven ? setterTitle : getterTitle)
    if (!isGiven || !before) return
    for (const other of body.nodes)
      if (GETTERS.has(other.type) && givenName(other) === before) write(other, name, getterTitle)
  })
}

/** Whether a node gives a value its name, or uses one. */
export const isNamed = (type: string): boolean => SETTERS.has(type) || GETTERS.has(type)

function write(node: WorkflowNode, name: string, titleOf: (name: string) => string): void {
  if (Array.isArray(node.widgets_values)) node.widgets_values[0] = name
  else if (node.widgets_values) node.widgets_values[NAME_WIDGET] = name
  else node.widgets_values = [name]
  node.title = titleOf(name)
}

function addNamed(
  body: Body,
  type: 'SetNode' | 'GetNode',
  name: string,
  carried: string,
  [x, y]: [number, number],
): NodeId {
  const id = takeNodeId(body)
  const isGiven = type === 'SetNode'
  const socket = { name: carried, type: carried }
  body.nodes.push({
    id,
    type,
    pos: [Math.round(x), Math.round(y)],
    size: [WIDTH, 60],
    flags: { collapsed: true },
    ...COLOURS,
    order: body.nodes.length,
    mode: 0,
    inputs: isGiven ? [{ ...socket, link: null }] : [],
    outputs: [{ ...socket, links: null }],
    title: isGiven ? setterTitle(name) : getterTitle(name),
    properties: { 'Node name for S&R': type },
    widgets_values: [name],
  })
  return nodeIn(body, id)!.id
}

/** A name that nothing has yet. */
function freeName(wanted: string, taken: string[]): string {
  const base = wanted.toLowerCase().replace(/\s+/g, '_') || 'value'
  let name = base
  for (let turn = 2; taken.includes(name); turn += 1) name = `${base}_${turn}`
  return name
}
