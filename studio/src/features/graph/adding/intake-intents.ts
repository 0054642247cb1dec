/** Files and texts that were dropped on the graph: a loader node for a file, a note for a text. */

import type { InputDefinition, NodeDefinition } from '@/doc/definitions'
import { pageDefinition } from '@/doc/page-nodes'
import { setWidget } from '@/doc/widgets'
import { t } from '@/i18n/text'
import { type FileRef, inputName } from '@/net/files'
import { toast } from '@/ui/toasts'
import { currentFlow, middle } from '../canvas/flow-instance'
import { knownDefinitions } from '../state/known'
import { editBody, nodeOf, type Scope } from '../state/scope'
import { add } from './adding'

type Media = 'image' | 'video' | 'audio'

const NOTE = 'MarkdownNote'

/** Puts a file into the node under the pointer if that loads such files, else into a new node there. */
export function addFile(scope: Scope, file: FileRef, kind: Media, at?: [number, number]): void {
  const under = at && nodeUnder(scope, at, kind)
  if (under) {
    put(scope, under.id, under.definition, under.input, file)
    return
  }
  const found = loaderOf(kind)
  if (!found) {
    toast({ text: t('No node here loads such files.'), tone: 'warn' })
    return
  }
  const id = add(scope, found.definition, placeOf(at))
  if (id !== undefined) put(scope, String(id), found.definition, found.input, file)
}

export function addNote(scope: Scope, text: string, at?: [number, number]): void {
  const definition = pageDefinition(NOTE) ?? knownDefinitions().get(NOTE)
  const id = definition && add(scope, definition, placeOf(at))
  if (id === undefined || !definition) return
  const name = definition.inputs[0]?.name ?? 'text'
  editNode(scope, String(id), definition, name, text)
}

function put(scope: Scope, id: string, definition: NodeDefinition, input: string, file: FileRef): void {
  editNode(scope, id, definition, input, inputName(file))
}

function editNode(scope: Scope, id: string, definition: NodeDefinition, name: string, value: unknown): void {
  editBody(scope, { label: t('Set {{name}}', { name }) }, (body) => {
    const node = body.nodes.find((other) => String(other.id) === id)
    if (node) setWidget(node, definition, name, value)
  })
}

const placeOf = (at?: [number, number]): [number, number] => {
  const flow = currentFlow()
  if (!flow || !at) return middle()
  const { x, y } = flow.screenToFlowPosition({ x: at[0], y: at[1] })
  return [x, y]
}

/** The node at a place of the screen, if it loads files of a kind. */
function nodeUnder(scope: Scope, [x, y]: [number, number], kind: Media) {
  const element = document
    .elementsFromPoint(x, y)
    .map((found) => found.closest<HTMLElement>('[data-node]'))
    .find(Boolean)
  const node = element?.dataset.node ? nodeOf(scope, element.dataset.node) : undefined
  const definition = node && knownDefinitions().get(node.type)
  const input = definition && uploadOf(definition, kind)
  return node && definition && input ? { id: String(node.id), definition, input: input.name } : undefined
}

/** The node that loads files of a kind: the plainest of those that the server lists. */
function loaderOf(kind: Media): { definition: NodeDefinition; input: string } | undefined {
  const found = [...knownDefinitions().values()].flatMap((definition) => {
    const input = uploadOf(definition, kind)
    return input && !definition.deprecated ? [{ definition, input: input.name }] : []
  })
  const gives = kind.toUpperCase()
  const weight = ({ definition }: { definition: NodeDefinition }) =>
    (definition.outputs[0]?.type === gives ? 0 : 10_000) +
    definition.inputs.length * 100 +
    definition.type.length
  return found.sort((one, other) => weight(one) - weight(other))[0]
}

const uploadOf = (definition: NodeDefinition, kind: Media): InputDefinition | undefined =>
  definition.inputs.find((input) => input.settings[`${kind}_upload`] === true)
