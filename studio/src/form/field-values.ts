/** Values of fields: read from and written to a workflow, where one field may stand for several places. */
import type { Definitions } from '@/doc/definitions'
import type { Control, FormElement, FormField } from '@/doc/form'
import {
  CONTROLS,
  definitionAt,
  findNode,
  readPlace,
  type SeedControl,
  seedControl,
  setSeedControl,
  setWidget,
  widgetsOf,
  writePlace,
} from '@/doc/widgets'
import type { Place, Workflow } from '@/doc/workflow'
import { asLoras, type Lora } from './loras'

/** The value of a field: a size from two places, a seed with what follows it, a list of LoRAs from several. */
export function readField(workflow: Workflow, definitions: Definitions, field: FormField): unknown {
  const [first, second] = field.places
  if (!first) return field.default
  const { type } = field.control
  if (type === 'size' && second)
    return {
      width: readPlace(workflow, definitions, first),
      height: readPlace(workflow, definitions, second),
    }
  const value = readPlace(workflow, definitions, first)
  if (type === 'seed') return { seed: value, after: readSeedControl(workflow, definitions, first) }
  if (type === 'loras')
    return field.places.map((place) => readLora(workflow, definitions, place)).filter((lora) => lora !== null)
  return value
}

/** Writes a field's value to all of its places. `draft` is an Immer draft. */
export function writeField(
  draft: Workflow,
  definitions: Definitions,
  field: FormField,
  value: unknown,
): void {
  const { type } = field.control
  const [first, second] = field.places
  if (!first) return
  if (type === 'size' && second) {
    writeSize(draft, definitions, field, value as Record<'width' | 'height', unknown>)
  } else if (type === 'seed') {
    const { seed, after } =
      typeof value === 'object' && value !== null
        ? (value as { seed: unknown; after?: string })
        : { seed: value, after: undefined }
    for (const place of field.places) {
      writePlace(draft, definitions, place, seed)
      if (after) writeSeedControl(draft, definitions, place, after)
    }
  } else if (type === 'loras') {
    const loras = asLoras(value)
    for (const [at, place] of field.places.entries()) writeLora(draft, definitions, place, loras[at])
  } else for (const place of field.places) writePlace(draft, definitions, place, value)
}

/** One size may stand in several nodes: their places are a width and a height in turn. */
function writeSize(
  draft: Workflow,
  definitions: Definitions,
  field: FormField,
  { width, height }: Record<'width' | 'height', unknown>,
): void {
  for (const [at, place] of field.places.entries())
    writePlace(draft, definitions, place, at % 2 === 0 ? width : height)
}

/** What becomes of a seed after a run; empty where nothing is said of it. */
export function readSeedControl(workflow: Workflow, definitions: Definitions, place: Place): string {
  const node = findNode(workflow, place.node)
  if (!node) return ''
  return seedControl(node, definitionAt(workflow, place.node, node, definitions), place.widget) ?? ''
}

export function writeSeedControl(
  draft: Workflow,
  definitions: Definitions,
  place: Place,
  after: string,
): void {
  const node = findNode(draft, place.node)
  const control = CONTROLS.find((known): known is SeedControl => known === after)
  if (node && control)
    setSeedControl(node, definitionAt(draft, place.node, node, definitions), place.widget, control)
}

const STRENGTH = /^strength(_model|_clip)?$/

function readLora(workflow: Workflow, definitions: Definitions, place: Place): Lora | null {
  const node = findNode(workflow, place.node)
  if (!node) return null
  const definition = definitionAt(workflow, place.node, node, definitions)
  const strength = widgetsOf(node, definition).find((widget) => STRENGTH.test(widget.name))
  const amount = strength && readPlace(workflow, definitions, { node: place.node, widget: strength.name })
  return {
    name: String(readPlace(workflow, definitions, place) ?? ''),
    strength: typeof amount === 'number' ? amount : 1,
    on: (node.mode ?? 0) !== 4,
  }
}

/** A loader whose LoRA was taken out is passed by; its place stays for another. */
function writeLora(draft: Workflow, definitions: Definitions, place: Place, lora: Lora | undefined): void {
  const node = findNode(draft, place.node)
  if (!node) return
  node.mode = lora?.on ? 0 : 4
  if (!lora) return
  const definition = definitionAt(draft, place.node, node, definitions)
  writePlace(draft, definitions, place, lora.name)
  for (const widget of widgetsOf(node, definition)) {
    if (STRENGTH.test(widget.name)) setWidget(node, definition, widget.name, lora.strength)
  }
}

/** A field whose control has the limits and choices of its widget, where the form does not say its own. */
export function completeField(workflow: Workflow, definitions: Definitions, field: FormField): FormField {
  const [first] = field.places
  const node = first && findNode(workflow, first.node)
  if (!first || !node) return field
  const definition = definitionAt(workflow, first.node, node, definitions)
  const input = widgetsOf(node, definition).find((widget) => widget.name === first.widget)?.input
  if (!input) return field
  const { settings, options } = input
  const known: Partial<Control> = {}
  if (typeof settings.min === 'number') known.min = settings.min
  if (typeof settings.max === 'number') known.max = settings.max
  if (typeof settings.step === 'number') known.step = settings.step
  if (input.type === 'INT') known.whole = true
  if (options && field.control.type !== 'image') known.choices = options.map(String)
  const help = field.help ?? (typeof settings.tooltip === 'string' ? settings.tooltip : undefined)
  return { ...field, ...(help ? { help } : {}), control: { ...known, ...withoutUndefined(field.control) } }
}

const withoutUndefined = (control: Control): Control =>
  Object.fromEntries(Object.entries(control).filter(([, value]) => value !== undefined)) as unknown as Control

/** All fields of a form, whatever they stand in. */
export function fieldsOf(elements: readonly FormElement[]): FormField[] {
  return elements.flatMap((element) =>
    element.kind === 'field' ? [element] : 'children' in element ? fieldsOf(element.children) : [],
  )
}

/** Whether a field is shown, by what another field has. */
export function isShown(field: FormField, valueAt: (id: string) => unknown): boolean {
  if (field.control.type === 'hidden') return false
  if (!field.showIf) return true
  return JSON.stringify(valueAt(field.showIf.field)) === JSON.stringify(field.showIf.equals)
}
