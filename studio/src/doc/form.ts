/** Forms: which values of a workflow are shown, in which order, with which controls. Stored in `extra.studio.form`. */
import type { Place, Role } from './workflow'

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
  | { kind: 'picture'; id: string; url: string }
  | { kind: 'row' | 'column' | 'section' | 'tab'; id: string; title?: string; children: FormElement[] }

export interface Form {
  version: 1
  elements: FormElement[]
  /** Ids of the output nodes whose results are shown. */
  outputs: string[]
  /** Found by inference, not made by hand. */
  suggested?: boolean
}
