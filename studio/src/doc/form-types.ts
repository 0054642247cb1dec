/** A form: what people see of a workflow who only use it. Kept in `extra.studio.form`. */
import type { Place, Role } from './workflow'

export interface Form {
  version: 1
  elements: FormElement[]
  /** Ids of the output nodes that count. */
  outputs: string[]
  /** It was found, not made by somebody. */
  suggested?: boolean
}

export type FormElement = FormField | FormText | FormDivider | FormPicture | FormContainer

export interface FormText {
  kind: 'heading' | 'text'
  id: string
  text: string
}

export interface FormDivider {
  kind: 'divider'
  id: string
}

export interface FormPicture {
  kind: 'picture'
  id: string
  url: string
}

export interface FormContainer {
  kind: 'row' | 'column' | 'section' | 'tab'
  id: string
  title?: string
  children: FormElement[]
}

export interface FormField {
  kind: 'field'
  id: string
  label: string
  help?: string
  role?: Role
  places: Place[]
  control: Control
  default?: unknown
  required?: boolean
  advanced?: boolean
  showIf?: { field: string; equals: unknown }
}

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
