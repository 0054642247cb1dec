/** Apps as the server keeps them, and how a form and the inputs of an app become each other. */
import { useQuery } from '@tanstack/react-query'
import { produce } from 'immer'
import { apiPlaces } from '@/doc/api-places'
import type { Definitions } from '@/doc/definitions'
import { flowOf } from '@/doc/flow'
import { type Form, type FormElement, type FormField, fieldAt, formOf } from '@/doc/form'
import { outputsOf } from '@/doc/infer-form'
import { inputNames } from '@/doc/input-names'
import { readDocument } from '@/doc/read'
import { randomSeed } from '@/doc/seeds'
import { definitionAt, findNode, setSeedControl, writePlace } from '@/doc/widgets'
import type { Place, Workflow } from '@/doc/workflow'
import { getJson } from '@/net/api'

export const APPS = ['apps'] as const

export interface AppInput {
  name: string
  type: 'text' | 'integer' | 'number' | 'boolean' | 'choice' | 'image' | 'file'
  required: boolean
  default?: unknown
  min?: number
  max?: number
  choices?: string[]
  description?: string
  random?: boolean
  places?: string[]
}

export interface AppEntry {
  name: string
  version: number
  title: string
  description: string
  builtin: boolean
  created: number
  picture: string
  tags: string[]
  /** Everybody on this server may see it. */
  shared?: boolean
  /** False: somebody else shares it. */
  mine?: boolean
  inputs: AppInput[]
  urls: Record<string, string>
}

export interface App extends AppEntry {
  workflow: unknown
  outputs: string[]
  unknown_nodes: string[]
  declaration: unknown
}

/** All apps of the server that one may use. */
export const useApps = () =>
  useQuery({ queryKey: APPS, queryFn: () => getJson<{ apps: AppEntry[] }>('/apps').then(({ apps }) => apps) })

export const useApp = (name: string) =>
  useQuery({
    queryKey: [...APPS, name],
    queryFn: () => getJson<App>(`/apps/${encodeURIComponent(name)}`),
    enabled: name !== '',
    retry: false,
  })

/** An app as a document: its workflow with a form in it. */
export function openedApp(app: App, definitions: Definitions): Workflow {
  const { workflow, kind } = readDocument(app.workflow, definitions)
  if (kind === 'ui') return withForm(workflow, { ...formOf(workflow, definitions), suggested: undefined })
  const filled = produce(workflow, (draft) => fillPlaceholders(draft, app, definitions))
  return withForm(filled, formOfInputs(app, filled, definitions))
}

/** A workflow with a form stored in it. ComfyUI's app data is kept in step, so that its page opens the app as well. */
export function withForm(workflow: Workflow, form: Form): Workflow {
  const { suggested: _, ...stored } = form
  const shown = fieldsIn(stored.elements).flatMap((field) => field.places.slice(0, 2))
  const id = (node: string) => (/^\d{1,15}$/.test(node) ? Number(node) : node)
  return {
    ...workflow,
    extra: {
      ...workflow.extra,
      linearMode: true,
      linearData: {
        ...workflow.extra?.linearData,
        inputs: shown.map(({ node, widget }): [number | string, string] => [id(node), widget]),
        outputs: stored.outputs.map(id),
      },
      studio: { version: 1, ...workflow.extra?.studio, form: stored },
    },
  }
}

export const fieldsIn = (elements: readonly FormElement[]): FormField[] =>
  elements.flatMap((element) =>
    element.kind === 'field' ? [element] : 'children' in element ? fieldsIn(element.children) : [],
  )

function placesOf(input: AppInput, workflow: Workflow): Place[] {
  return (input.places ?? []).map((place) => {
    const at = place.lastIndexOf('.')
    const name = place.slice(0, at)
    const node = workflow.nodes.find((entry) => entry.properties?.limner_id === name)
    return { node: String(node?.id ?? name), widget: place.slice(at + 1) }
  })
}

function fillPlaceholders(draft: Workflow, app: App, definitions: Definitions): void {
  for (const input of app.inputs) {
    const blank = input.type === 'text' ? '' : undefined
    const value = input.random ? randomSeed() : (input.default ?? blank)
    if (value === undefined) continue
    for (const place of placesOf(input, draft)) {
      writePlace(draft, definitions, place, value)
      const node = input.random ? findNode(draft, place.node) : undefined
      if (node)
        setSeedControl(node, definitionAt(draft, place.node, node, definitions), place.widget, 'randomize')
    }
  }
}

const PARTNERS: Record<string, string> = { width: 'height' }
const SETTINGS = new Set(['steps', 'guidance', 'model', 'sampler', 'schedule', 'denoise', 'strength'])

/** The form of an app that was declared by name: its inputs in their order, a width with its height. */
function formOfInputs(app: App, workflow: Workflow, definitions: Definitions): Form {
  const byName = new Map(app.inputs.map((input) => [input.name, input]))
  const elements = app.inputs
    .filter((input) => input.name !== 'height' || !byName.has('width'))
    .flatMap(
      (input) => fieldOfInput(input, byName.get(PARTNERS[input.name] ?? ''), workflow, definitions) ?? [],
    )
  return { version: 1, elements, outputs: outputsOf(flowOf(workflow, definitions)) }
}

function fieldOfInput(
  input: AppInput,
  partner: AppInput | undefined,
  workflow: Workflow,
  definitions: Definitions,
): FormField | undefined {
  const places = placesOf(input, workflow)
  const found = places[0] && fieldAt(workflow, definitions, places[0])
  if (!found) return undefined
  const { min, max, description } = input
  const limits = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }
  const field: FormField = {
    ...found,
    id: input.name,
    required: input.required,
    control: { ...found.control, ...limits },
    places,
    ...(SETTINGS.has(input.name) ? { advanced: true } : {}),
  }
  if (partner) {
    const sides = pairs(places, placesOf(partner, workflow))
    return { ...field, label: 'Size', places: sides, control: { ...field.control, type: 'size' } }
  }
  const help = description && !input.random ? { help: description } : {}
  return { ...field, ...help, label: input.name === 'prompt' ? 'Prompt' : field.label }
}

const pairs = (widths: Place[], heights: Place[]): Place[] =>
  widths.flatMap((width, at) => (heights[at] ? [width, heights[at] as Place] : []))

/** What the server is told of a form, so that programs can call the app by the names of its fields. */
export function declarationOf(workflow: Workflow, definitions: Definitions, form: Form) {
  const inputs = inputNames(fieldsIn(form.elements)).map(({ name, places, field }) => {
    const targets = apiPlaces(workflow, definitions, places)
      .flat()
      .filter((place) => !place.widget.includes('.'))
    const { min, max } = field.control
    return {
      name,
      places: targets.map((place) => `${place.node}.${place.widget}`),
      ...(field.help ? { description: field.help } : { description: field.label }),
      ...(typeof min === 'number' ? { min } : {}),
      ...(typeof max === 'number' ? { max } : {}),
      ...(field.required ? { required: true } : {}),
    }
  })
  return { inputs: inputs.filter((input) => input.places.length > 0), outputs: form.outputs.filter(isNumber) }
}

const isNumber = (id: string): boolean => /^[\d:]+$/.test(id)
