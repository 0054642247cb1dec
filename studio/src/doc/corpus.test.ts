// @vitest-environment node
import { produce } from 'immer'
import { describe, expect, test } from 'vitest'
import labels from '../../test/fixtures/labels.json'
import { readTemplates, recordedDefinitions, templatesFolder } from '../../test/templates'
import type { FormField } from './form'
import { inferForm } from './infer-form'
import { readDocument, writeDocument } from './read'
import { traceRoles } from './roles'
import { definitionOf, subgraphsOf } from './subgraphs'
import { setWidget, widgetsOf, widgetValue } from './widgets'
import type { Body, Workflow, WorkflowNode } from './workflow'

const folder = templatesFolder()
const templates = folder ? readTemplates(folder) : []
const definitions = recordedDefinitions()

if (!folder)
  console.info(
    'The templates of ComfyUI are not installed (make setup brings them): the corpus is not tested.',
  )

const bodiesOf = (workflow: Workflow): Body[] => [workflow, ...subgraphsOf(workflow)]

describe.skipIf(templates.length === 0)('the official templates', () => {
  test('are opened and written without loss', () => {
    for (const { name, text } of templates) {
      const { workflow, kind } = readDocument(text, definitions)
      const edited = produce(workflow, () => undefined)
      expect(kind, name).toBe('ui')
      expect(JSON.parse(writeDocument(edited)), name).toEqual(JSON.parse(text))
    }
    expect(templates.length).toBeGreaterThan(400)
  }, 60_000)

  test('keep every value when the same value is written', () => {
    let count = 0
    for (const { name, text } of templates) {
      const { workflow } = readDocument(text, definitions)
      for (const body of bodiesOf(workflow)) {
        for (const node of body.nodes) count += rewrite(workflow, body, node, name)
      }
      expect(withoutNames(workflow), name).toEqual(withoutNames(JSON.parse(text)))
    }
    expect(count).toBeGreaterThan(10_000)
  }, 120_000)
})

/** Names beside values are kept in step with the values; some files have stale ones. */
const withoutNames = (workflow: unknown): unknown =>
  JSON.parse(JSON.stringify(workflow, (key, value) => (key === 'widgets_values_named' ? undefined : value)))

/** Writes every value of a node that its file has back; returns how many. */
function rewrite(workflow: Workflow, body: Body, node: WorkflowNode, name: string): number {
  const definition = definitionOf(workflow, node, definitions, body)
  const widgets = widgetsOf(node, definition).filter((widget) => widget.index >= 0)
  for (const widget of widgets) {
    if (widget.input.type === 'COMFY_DYNAMICCOMBO_V3') continue
    const value = widgetValue(node, definition, widget.name)
    setWidget(node, definition, widget.name, value)
    expect(widgetValue(node, definition, widget.name), `${name}: ${node.id}.${widget.name}`).toEqual(value)
  }
  return widgets.length
}

interface Label {
  prompt?: string[]
  seed?: string[]
  size?: string[]
  image?: string[]
}

const written = (places: { node: string; widget: string }[] = []): string[] =>
  places.map(({ node, widget }) => `${node}.${widget}`)

/** Fields that a newcomer would not miss: what has no role, was not called anything by its author, and is not shown. */
const isJunk = (field: FormField): boolean =>
  !field.role &&
  /prefix|device|dtype|tile|format|codec|crop|method|mode$/i.test(
    field.places.map((place) => place.widget).join(' '),
  )

describe.skipIf(templates.length === 0)('inference on labelled templates', () => {
  const byName = new Map(templates.map(({ name, text }) => [name, text]))
  const labelled = Object.entries(labels as Record<string, Label>).filter(([name]) => byName.has(name))
  const opened = labelled.map(([name, label]) => {
    const { workflow } = readDocument(byName.get(name), definitions)
    return { name, label, roles: traceRoles(workflow, definitions), form: inferForm(workflow, definitions) }
  })

  /** Of those with a label, the part where the first place found is a right one. */
  function share(key: keyof Label, roles: string[]): number {
    const asked = opened.filter(({ label }) => label[key]?.length)
    const wrong = asked.filter(({ label, roles: found }) => {
      const first = roles.flatMap((role) => written(found[role]).slice(0, 1))
      return !label[key]?.every((place, at) => first[at] === place || label[key]?.includes(first[at] ?? ''))
    })
    const right = asked.length - wrong.length
    if (wrong.length > 0)
      console.info(`${key}: ${right} of ${asked.length}; wrong: ${wrong.map(({ name }) => name).join(', ')}`)
    return asked.length > 0 ? right / asked.length : 1
  }

  test('there are enough labels', () => expect(labelled.length).toBeGreaterThanOrEqual(40))
  test('the prompt is found', () => expect(share('prompt', ['prompt.positive'])).toBeGreaterThanOrEqual(0.95))
  test('the seed is found', () => expect(share('seed', ['sampler.seed'])).toBeGreaterThanOrEqual(0.95))
  test('the size is found', () =>
    expect(share('size', ['size.width', 'size.height'])).toBeGreaterThanOrEqual(0.9))
  test('the picture is found', () =>
    expect(share('image', ['image.init', 'control[0].image'])).toBeGreaterThanOrEqual(0.9))

  test('what is labelled is basic', () => {
    for (const { name, label, form } of opened) {
      const basic = form.elements.flatMap((element) =>
        element.kind === 'field' && !element.advanced ? written(element.places) : [],
      )
      for (const place of label.prompt ?? []) expect(basic, `${name}: ${place}`).toContain(place)
    }
  })

  test('there is little junk', () => {
    for (const { name, form } of opened) {
      const basic = form.elements.filter(
        (element): element is FormField => element.kind === 'field' && !element.advanced,
      )
      expect(
        basic.filter(isJunk).map((field) => field.label),
        name,
      ).toHaveLength(Math.min(1, basic.filter(isJunk).length))
      expect(basic.length, name).toBeLessThanOrEqual(8)
    }
  })
})
