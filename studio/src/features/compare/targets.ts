/** What an axis can be: everything in a workflow that has a value, what values mean first. */
import type { AxisRange } from '@/doc/axes'
import type { Definitions, InputDefinition } from '@/doc/definitions'
import { storedForm } from '@/doc/form'
import { labelOf } from '@/doc/labels'
import { rolesOf } from '@/doc/roles'
import { LARGEST_SEED } from '@/doc/seeds'
import { definitionAt, findNode, readPlace, widgetsOf } from '@/doc/widgets'
import type { Place, Role, Workflow } from '@/doc/workflow'
import { fieldsOf } from '@/form/field-values'
import { t } from '@/i18n/text'

export interface AxisTarget {
  /** A role, or `node.widget`. */
  id: string
  label: string
  /** Empty: it has a meaning; else the node that it is on. */
  group: string
  role: Role
  places: Place[]
  range: AxisRange
  /** What it is now. */
  value: unknown
}

const SKIPPED = new Set(['output', 'lora.list'])

/** Everything of a workflow that can be an axis. */
export function targetsOf(workflow: Workflow, definitions: Definitions): AxisTarget[] {
  const found = fieldTargets(workflow, definitions)
  const taken = new Set(found.flatMap(({ places }) => places.map(keyOf)))
  for (const [role, places] of Object.entries(rolesOf(workflow, definitions))) {
    if (SKIPPED.has(role) || places.some((place) => taken.has(keyOf(place)))) continue
    const target = targetAt(workflow, definitions, places, role, '')
    if (!target) continue
    found.push(target)
    for (const place of places) taken.add(keyOf(place))
  }
  return [...found, ...widgetTargets(workflow, definitions, taken)]
}

/** What nodes have beside that. */
function widgetTargets(workflow: Workflow, definitions: Definitions, taken: Set<string>): AxisTarget[] {
  const on = workflow.nodes.filter((node) => (node.mode ?? 0) === 0)
  return on.flatMap((node) => {
    const definition = definitionAt(workflow, String(node.id), node, definitions)
    const group = node.title || definition?.title || node.type
    return widgetsOf(node, definition).flatMap(({ name }) => {
      const place = { node: String(node.id), widget: name }
      const target = taken.has(keyOf(place)) ? undefined : targetAt(workflow, definitions, [place], '', group)
      return target ? [target] : []
    })
  })
}

const keyOf = (place: Place): string => `${place.node}.${place.widget}`

/** The fields of a form that was made by hand, under the names that its author gave them. */
function fieldTargets(workflow: Workflow, definitions: Definitions): AxisTarget[] {
  const form = storedForm(workflow)
  if (!form || form.suggested) return []
  return fieldsOf(form.elements).flatMap((field) => {
    const { type } = field.control
    if (type === 'loras' || type === 'hidden') return []
    const parts: [string, Place[]][] =
      type === 'size'
        ? [
            [t('Width'), field.places.filter((_, at) => at % 2 === 0)],
            [t('Height'), field.places.filter((_, at) => at % 2 === 1)],
          ]
        : [[field.label, field.places]]
    return parts.flatMap(([label, places]) => {
      const target = targetAt(workflow, definitions, places, roleAt(workflow, definitions, places), '')
      return target ? [{ ...target, label, group: t('Fields of the form') }] : []
    })
  })
}

/** What a place means, so that slow changes are told from fast ones. */
function roleAt(workflow: Workflow, definitions: Definitions, places: Place[]): Role {
  const [first] = places
  const roles = first ? Object.entries(rolesOf(workflow, definitions)) : []
  return roles.find(([, other]) => other.some((place) => keyOf(place) === keyOf(first!)))?.[0] ?? ''
}

function targetAt(
  workflow: Workflow,
  definitions: Definitions,
  places: Place[],
  role: Role,
  group: string,
): AxisTarget | undefined {
  const place = places[0]
  const node = place && findNode(workflow, place.node)
  if (!place || !node) return undefined
  const definition = definitionAt(workflow, place.node, node, definitions)
  const input = widgetsOf(node, definition).find((entry) => entry.name === place.widget)?.input
  const range = input && rangeOf(input)
  if (!input || !range) return undefined
  return {
    id: role || `${place.node}.${place.widget}`,
    label: labelOf(place, node, input, role, definition),
    group,
    role,
    places,
    range,
    value: readPlace(workflow, definitions, place),
  }
}

/** What values an input takes; undefined: none that can be written as a text. */
export function rangeOf(input: InputDefinition): AxisRange | undefined {
  if (input.options) return { kind: 'choice', choices: input.options }
  if (input.type === 'INT' || input.type === 'FLOAT') {
    const { min, max } = input.settings
    return {
      kind: input.type === 'INT' ? 'whole' : 'number',
      min: typeof min === 'number' ? min : undefined,
      max: typeof max === 'number' ? Math.min(max, LARGEST_SEED) : undefined,
    }
  }
  if (input.type === 'STRING') return { kind: 'text' }
  return input.type === 'BOOLEAN' ? { kind: 'switch' } : undefined
}
