/** Forms: which values of a workflow are shown, in which order, with which controls. Stored in `extra.studio.form`. */
import { controlFor } from './controls'
import type { Definitions } from './definitions'
import { flowOf } from './flow'
import { inferForm, outputsOf } from './infer-form'
import { labelOf } from './labels'
import { markedFields } from './marker-nodes'
import { traceRoles } from './roles'
import { keyOf } from './value-trace'
import { definitionAt, findNode, widgetsOf } from './widgets'
import type { Place, Role, Workflow } from './workflow'

export { inferForm } from './infer-form'

export type ControlType =
  | 'line'
  | 'area'
  | 'prompt'
  | 'number'
  | 'slider'
  | 'both'
  | 'stepper'
  | 'dice'
  | 'select'
  | 'radio'
  | 'searchable'
  | 'cards'
  | 'switch'
  | 'image'
  | 'mask'
  | 'color'
  | 'size'
  | 'seed'
  | 'loras'
  | 'model'
  | 'file'
  | 'hidden'

export interface Control {
  type: ControlType
  min?: number
  max?: number
  step?: number
  whole?: boolean
  choices?: string[]
  folder?: string
}

export interface FormField {
  kind: 'field'
  id: string
  label: string
  help?: string
  role?: Role
  /** Where the value lies. The first place is read, all are written; a size has its width first, then its height. */
  places: Place[]
  control: Control
  default?: unknown
  required?: boolean
  advanced?: boolean
  /** Shown only while another field has this value. */
  showIf?: { field: string; equals: unknown }
}

export type FormElement =
  | FormField
  | { kind: 'heading' | 'text'; id: string; text: string }
  | { kind: 'divider'; id: string }
  | { kind: 'picture'; id: string; url: string; alt?: string }
  | { kind: 'row' | 'column' | 'section' | 'tab'; id: string; title?: string; children: FormElement[] }

export interface Form {
  version: 1
  elements: FormElement[]
  /** Ids of the output nodes whose results are shown. */
  outputs: string[]
  /** Found by inference, not made by hand. */
  suggested?: boolean
}

/** The form of a workflow: the stored one, ComfyUI's app data, marker nodes, or a proposal. */
export function formOf(workflow: Workflow, definitions: Definitions): Form {
  return (
    storedForm(workflow) ??
    linearForm(workflow, definitions) ??
    markedForm(workflow, definitions) ??
    inferForm(workflow, definitions)
  )
}

/** The form that was made for a workflow by hand, or undefined. */
export function storedForm(workflow: Workflow): Form | undefined {
  const stored = workflow.extra?.studio?.form as Partial<Form> | undefined
  if (!stored || typeof stored !== 'object' || !Array.isArray(stored.elements)) return undefined
  const outputs = Array.isArray(stored.outputs) ? stored.outputs.map(String) : []
  return { version: 1, elements: stored.elements.filter(isElement), outputs }
}

const isElement = (element: unknown): element is FormElement => {
  if (!element || typeof element !== 'object' || !('kind' in element) || !('id' in element)) return false
  if (element.kind !== 'field') return true
  return 'places' in element && Array.isArray(element.places) && 'control' in element
}

/** What ComfyUI's page shows as an app: its inputs in its order. */
function linearForm(workflow: Workflow, definitions: Definitions): Form | undefined {
  const data = workflow.extra?.linearData
  const inputs = Array.isArray(data?.inputs) ? data.inputs : []
  const fields = inputs.flatMap((entry, at) => {
    if (!Array.isArray(entry) || entry.length < 2) return []
    const field = fieldAt(workflow, definitions, { node: String(entry[0]), widget: String(entry[1]) })
    return field ? [{ ...field, id: `field-${at + 1}` }] : []
  })
  if (fields.length === 0) return undefined
  const outputs = (Array.isArray(data?.outputs) ? data.outputs : []).map(String)
  return {
    version: 1,
    elements: fields,
    outputs: outputs.length > 0 ? outputs : outputsOf(flowOf(workflow, definitions)),
  }
}

function markedForm(workflow: Workflow, definitions: Definitions): Form | undefined {
  const elements = markedFields(workflow)
  if (elements.length === 0) return undefined
  return { version: 1, elements, outputs: outputsOf(flowOf(workflow, definitions)) }
}

/** A field for the value at a place, as it would be proposed; undefined if there is no such value. */
export function fieldAt(workflow: Workflow, definitions: Definitions, place: Place): FormField | undefined {
  const node = findNode(workflow, place.node)
  if (!node) return undefined
  const definition = definitionAt(workflow, place.node, node, definitions)
  const input = widgetsOf(node, definition).find((widget) => widget.name === place.widget)?.input
  if (!input) return undefined
  const roles = Object.entries(traceRoles(workflow, definitions))
  const role = roles.find(([, places]) => places.some((other) => keyOf(other) === keyOf(place)))?.[0] ?? ''
  return {
    kind: 'field',
    id: `${place.node}.${place.widget}`,
    label: labelOf(place, node, input, role, definition),
    ...(role ? { role } : {}),
    places: [place],
    control: controlFor(input, role, input.settings.image_upload === true),
  }
}
