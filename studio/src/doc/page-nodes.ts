/** Node types that only pages have: notes, values and names, and nodes that lead links around. The server knows them too. */
import type { InputDefinition, NodeDefinition } from './definitions'
import type { WorkflowNode } from './workflow'

export const PRIMITIVE = 'PrimitiveNode'
export const NOTES: ReadonlySet<string> = new Set([
  'Note',
  'MarkdownNote',
  'Note Plus (mtb)',
  'Label (rgthree)',
])
export const SETTERS: ReadonlySet<string> = new Set(['SetNode', 'easy setNode'])
export const GETTERS: ReadonlySet<string> = new Set(['GetNode', 'easy getNode'])

/** The widget of setters and getters that has the name. */
export const NAME_WIDGET = 'Constant'

/** The name that a setter gives, or that a getter asks for. */
export const givenName = (node: WorkflowNode): string => {
  const values = node.widgets_values
  const name = Array.isArray(values) ? values[0] : values?.[NAME_WIDGET]
  return typeof name === 'string' ? name : ''
}

/** Whether nodes of a type only hand on their first input. */
export const passesOn = (type: string): boolean =>
  SETTERS.has(type) || type.toLowerCase().startsWith('reroute')

/** Whether the server lists no such node and yet nothing is missing. */
export const isPageNode = (type: string): boolean =>
  type === PRIMITIVE || NOTES.has(type) || GETTERS.has(type) || passesOn(type) || type.endsWith('(rgthree)')

const text = (name: string): InputDefinition => ({
  name,
  type: 'STRING',
  required: true,
  hidden: false,
  settings: { multiline: true, socketless: true },
})

const nameInput = (type: string): InputDefinition => ({
  name: NAME_WIDGET,
  type: GETTERS.has(type) ? 'COMBO' : 'STRING',
  required: true,
  hidden: false,
  settings: { socketless: true },
})

const TITLES: Record<string, string> = {
  PrimitiveNode: 'Primitive',
  MarkdownNote: 'Note',
  SetNode: 'Set value',
  GetNode: 'Get value',
}

/** What there is to say of a node that only pages have, or undefined if it is none. */
export function pageDefinition(type: string): NodeDefinition | undefined {
  if (!isPageNode(type)) return undefined
  const handsOn = passesOn(type)
  return {
    type,
    title: TITLES[type] ?? type,
    category: '',
    description: '',
    isOutput: false,
    deprecated: false,
    experimental: false,
    pack: '',
    inputs: [
      ...(NOTES.has(type) ? [text('text')] : []),
      ...(handsOn ? [{ name: '', type: '*', required: false, hidden: false, settings: {} }] : []),
      ...(SETTERS.has(type) || GETTERS.has(type) ? [nameInput(type)] : []),
    ],
    outputs: handsOn || type === PRIMITIVE || GETTERS.has(type) ? [{ name: '', type: '*', list: false }] : [],
    aliases: [],
  }
}
