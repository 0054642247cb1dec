/** Reading and writing the value of one widget: a component that uses this is drawn when that value changes, and only then. */
import { createContext, useCallback, useContext, useRef } from 'react'
import { useDocuments } from '@/app/documents'
import type { Definitions, NodeDefinition } from '@/doc/definitions'
import { NAME_WIDGET } from '@/doc/page-nodes'
import { readPlace, setWidget, widgetValue, writePlace } from '@/doc/widgets'
import type { Place, WorkflowNode } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { isNamed, renameValue } from '../editing/named-values'
import type { WidgetBox } from './geometry'
import { bodyAt, editBody, editNode, nodesById, type Scope, useScope } from './scope'

const NO_DEFINITIONS: Definitions = new Map()
export const DefinitionsContext = createContext<Definitions>(NO_DEFINITIONS)
export const useKnown = (): Definitions => useContext(DefinitionsContext)

const wholePlace = (scope: Scope, place: Place): Place => ({
  node: [...scope.path, place.node].join(':'),
  widget: place.widget,
})

/** The value of a widget. Lists and records are the document's own, so they stay equal until they change. */
export function useValue(id: string, box: WidgetBox, definition: NodeDefinition | undefined): unknown {
  const scope = useScope()
  const known = useKnown()
  // Every widget on the screen asks with every change: what is of the same node is not read again.
  const last = useRef<Read | null>(null)
  return useDocuments((state) => {
    const workflow = state.open[scope.document]?.workflow
    if (!workflow) return undefined
    if (box.place) return readPlace(workflow, known, wholePlace(scope, box.place))
    const body = bodyAt(workflow, scope.path)
    const node = body && nodesById(body.nodes).get(id)
    if (!node) return undefined
    const kept = last.current
    if (kept?.node === node && kept.definition === definition && kept.name === box.name) return kept.value
    const value = widgetValue(node, definition, box.name)
    last.current = { node, definition, name: box.name, value }
    return value
  })
}

interface Read {
  node: WorkflowNode
  definition: NodeDefinition | undefined
  name: string
  value: unknown
}

/** Writes the value of a widget; what is typed into one field within a pause is one step of undo. */
export function writeValue(
  scope: Scope,
  known: Definitions,
  id: string,
  box: Pick<WidgetBox, 'name' | 'label' | 'place'>,
  definition: NodeDefinition | undefined,
  value: unknown,
): void {
  const how = {
    label: t('Change {{name}}', { name: box.label }),
    merge: `value:${scope.path}:${id}:${box.name}`,
  }
  if (box.place) {
    const place = wholePlace(scope, box.place)
    editBody(scope, how, (_, workflow) => writePlace(workflow, known, place, value))
  } else if (box.name === NAME_WIDGET && isNamed(definition?.type ?? '')) {
    renameValue(scope, id, String(value))
  } else {
    editNode(scope, id, how, (node) => setWidget(node, definition, box.name, value))
  }
}

export function useWriter(
  id: string,
  box: WidgetBox,
  definition: NodeDefinition | undefined,
): (value: unknown) => void {
  const scope = useScope()
  const known = useKnown()
  return useCallback(
    (value: unknown) => writeValue(scope, known, id, box, definition, value),
    [scope, known, id, box, definition],
  )
}
