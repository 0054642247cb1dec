/** What turns a control layer's picture into what its model reads (edges, depth, ...), as the server offers it. */
import { type Definitions, type InputDefinition, isWidget, type NodeDefinition } from '@/doc/definitions'
import { defaultOf } from '@/doc/widgets'
import type { Preparation } from '../state/canvas-document'

/** Nodes of this group make one picture of another. */
const GROUP = /(^|\/)preprocessors$/

/** Those that need nothing but the picture, by their titles. */
export const preparersOf = (definitions: Definitions): NodeDefinition[] =>
  [...definitions.values()]
    .filter((node) => GROUP.test(node.category) && !node.deprecated && pictureInput(node) !== undefined)
    .sort((one, other) => one.title.localeCompare(other.title))

/** The socket that takes the picture; nothing if the node has others that must be linked, or gives no picture. */
function pictureInput(node: NodeDefinition): string | undefined {
  const sockets = node.inputs.filter((input) => input.required && !input.hidden && !isWidget(input))
  return node.outputs[0]?.type === 'IMAGE' && sockets.length === 1 && sockets[0]?.type === 'IMAGE'
    ? sockets[0].name
    : undefined
}

/** What one of them can be asked for by name: its kind, its mode. */
export const choicesOf = (node: NodeDefinition): InputDefinition[] =>
  node.inputs.filter((input) => input.type === 'COMBO' && (input.options?.length ?? 0) > 1)

/** A node to be added to a prompt. */
export interface Preparer {
  type: string
  title: string
  /** The name of the input that takes the picture. */
  picture: string
  values: Record<string, unknown>
}

/** The node that a layer wants, with all that it must be told; nothing if the server has it not. */
export function preparerOf(definitions: Definitions, wanted: Preparation | undefined): Preparer | undefined {
  const node = wanted && definitions.get(wanted.node)
  const picture = node && pictureInput(node)
  if (!node || !picture) return undefined
  const values = node.inputs
    .filter((input) => input.required && isWidget(input))
    .map((input) => [input.name, wanted.values?.[input.name] ?? defaultOf(input)])
  return { type: node.type, title: node.title, picture, values: Object.fromEntries(values) }
}
