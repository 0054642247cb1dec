/** What an axis can be: everything in a workflow that has a value, what values mean first. */
import type { AxisRange } from '@/doc/axes'
import type { Definitions, InputDefinition } from '@/doc/definitions'
import { labelOf } from '@/doc/labels'
import { rolesOf } from '@/doc/roles'
import { LARGEST_SEED } from '@/doc/seeds'
import { definitionAt, findNode, readPlace, widgetsOf } from '@/doc/widgets'
import type { Place, Role, Workflow } from '@/doc/workflow'

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
  const found: AxisTarget[] = []
  const taken = new Set<string>()
  for (const [role, places] of Object.entries(rolesOf(workflow, definitions))) {
    const target = SKIPPED.has(role) ? undefined : targetAt(workflow, definitions, places, role, '')
    if (!target) continue
    found.push(target)
    for (const place of places) taken.add(`${place.node}.${place.widget}`)
  }
  for (const node of workflow.nodes) {
    if ((node.mode ?? 0) !== 0) continue
    const definition = definitionAt(workflow, String(node.id), node, definitions)
    const group = node.title || definition?.title || node.type
    for (const { name } of widgetsOf(node, definition)) {
      const place = { node: String(node.id), widget: name }
      if (taken.has(`${place.node}.${name}`)) continue
      const target = targetAt(workflow, definitions, [place], '', group)
      if (target) found.push(target)
    }
  }
  return found
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
