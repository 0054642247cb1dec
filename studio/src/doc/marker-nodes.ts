/** Nodes of other programs that mark what a form shows: parameters of the Krita tool set, inputs of SwarmUI. */
import type { Control, ControlType, FormElement, FormField } from './form'
import { MODE, type Workflow, type WorkflowNode } from './workflow'

interface Marked {
  field: FormField
  group: string
  order: number
}

/** Fields of the marker nodes of a workflow in their order, those of a group in a section. */
export function markedFields(workflow: Workflow): FormElement[] {
  const marked = workflow.nodes
    .filter((node) => (node.mode ?? 0) !== MODE.muted && (node.mode ?? 0) !== MODE.bypassed)
    .flatMap((node) => readKrita(node) ?? readSwarm(node, workflow) ?? [])
    .sort((one, other) => one.order - other.order)
  const elements: FormElement[] = []
  const sections = new Map<string, FormElement[]>()
  for (const { field, group } of marked) {
    const inside = group ? sections.get(group) : elements
    if (inside) inside.push(field)
    else {
      const children: FormElement[] = [field]
      sections.set(group, children)
      elements.push({ kind: 'section', id: `section-${sections.size}`, title: group, children })
    }
  }
  return elements
}

/** Values of a node by name, where the file names them: in a record, or by its sockets. */
function namedValues(node: WorkflowNode): Map<string, unknown> {
  const values = node.widgets_values
  if (values && !Array.isArray(values)) return new Map(Object.entries(values))
  const named = node.widgets_values_named
  if (named && typeof named === 'object') return new Map(Object.entries(named))
  const names = (node.inputs ?? []).filter((slot) => slot.widget).map((slot) => slot.name)
  return new Map((values ?? []).flatMap((value, at) => (names[at] ? [[names[at] as string, value]] : [])))
}

const KRITA_CONTROLS: [RegExp, ControlType][] = [
  [/prompt/, 'prompt'],
  [/text/, 'area'],
  [/toggle/, 'switch'],
  [/choice/, 'select'],
  [/integer|number/, 'both'],
]

/** `name` may be "group/name"; numbers before either say the order. */
function readKrita(node: WorkflowNode): Marked | undefined {
  if (!/^ETN_(Krita)?Parameter$/.test(node.type)) return undefined
  const array = Array.isArray(node.widgets_values) ? node.widgets_values : []
  const named = namedValues(node)
  const at = (name: string, index: number): unknown => named.get(name) ?? array[index]
  const [first, second] = String(at('name', 0) ?? node.title ?? 'Parameter').split('/', 2) as [
    string,
    string?,
  ]
  const name = second ?? first
  const type = String(at('type', 1) ?? 'auto')
  const min = at('min', 3)
  const max = at('max', 4)
  const control: Control = {
    type: KRITA_CONTROLS.find(([pattern]) => pattern.test(type))?.[1] ?? 'line',
    ...(typeof min === 'number' ? { min } : {}),
    ...(typeof max === 'number' ? { max } : {}),
    ...(/integer/.test(type) ? { whole: true } : {}),
  }
  return {
    field: {
      kind: 'field',
      id: `marker-${node.id}`,
      label: withoutNumber(name),
      places: [{ node: String(node.id), widget: 'default' }],
      control,
    },
    group: second ? withoutNumber(first) : '',
    order: (second ? numberOf(first) * 1000 : 0) + numberOf(name),
  }
}

const numberOf = (text: string): number => Number(/^(\d+)\./.exec(text.trim())?.[1] ?? 999)
const withoutNumber = (text: string): string => text.trim().replace(/^\d+\.\s*/, '')

const SWARM_CONTROLS: [RegExp, ControlType][] = [
  [/Text$/, 'area'],
  [/Integer$|Float$/, 'both'],
  [/Boolean$/, 'switch'],
  [/Image$/, 'image'],
  [/Dropdown$/, 'select'],
  [/ModelName$|Checkpoint$/, 'model'],
]

function readSwarm(node: WorkflowNode, workflow: Workflow): Marked | undefined {
  if (!/^SwarmInput(?!Group)/.test(node.type)) return undefined
  const array = Array.isArray(node.widgets_values) ? node.widgets_values : []
  const named = namedValues(node)
  const number = (name: string): number | undefined =>
    typeof named.get(name) === 'number' ? (named.get(name) as number) : undefined
  const choices = String(named.get('values') ?? '')
    .split(',')
    .map((choice) => choice.trim())
    .filter(Boolean)
  const help = named.get('description')
  const control: Control = {
    type: /seed/i.test(String(named.get('view_type') ?? ''))
      ? 'seed'
      : (SWARM_CONTROLS.find(([pattern]) => pattern.test(node.type))?.[1] ?? 'line'),
    ...limits({
      min: number('view_min') ?? number('min'),
      max: number('view_max') ?? number('max'),
      step: number('step'),
    }),
    ...(/Integer$/.test(node.type) ? { whole: true } : {}),
    ...(choices.length > 0 ? { choices } : {}),
  }
  return {
    field: {
      kind: 'field',
      id: `marker-${node.id}`,
      label: String(named.get('title') ?? array[0] ?? node.title ?? 'Input'),
      ...(typeof help === 'string' && help ? { help } : {}),
      ...(named.get('is_advanced') === true ? { advanced: true } : {}),
      places: [{ node: String(node.id), widget: 'value' }],
      control,
    },
    group: swarmGroup(node, workflow),
    order: number('order_priority') ?? 0,
  }
}

const limits = (found: {
  min?: number | undefined
  max?: number | undefined
  step?: number | undefined
}): Partial<Control> => Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))

/** The group that an input is linked to. */
function swarmGroup(node: WorkflowNode, workflow: Workflow): string {
  const link = node.inputs?.find((slot) => slot.name === 'group' || slot.name === 'group_id')?.link
  const group = workflow.nodes.find(
    (other) =>
      /^SwarmInputGroup$/.test(other.type) &&
      other.outputs?.some((output) => output.links?.includes(link ?? -1)),
  )
  const title =
    group &&
    (namedValues(group).get('title') ??
      (Array.isArray(group.widgets_values) ? group.widgets_values[0] : undefined))
  return typeof title === 'string' ? title : ''
}
