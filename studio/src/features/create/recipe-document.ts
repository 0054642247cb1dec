/**
 * A document that was made from a recipe: its values by role. The workflow holds all of them; nothing is kept beside it.
 *
 * Its shape is noted when it is made. Once somebody changes nodes or links in the graph it is "custom", and the form
 * shows the fields that are found in it instead.
 */
import type { Definitions } from '@/doc/definitions'
import { findNode, readPlace, writePlace } from '@/doc/widgets'
import type { Place, Workflow } from '@/doc/workflow'
import { readField, readSeedControl, writeField, writeSeedControl } from '@/form/field-values'

export const LORAS = 'lora.list'
export const SEED = 'sampler.seed'
/** Pictures beside the first one: one place each, in their order. */
export const REFERENCES = 'image.reference'

interface Made {
  task: string
  model: string
  roles: Record<string, Place[]>
  values: Record<string, unknown>
}

interface RecipeMark {
  task: string
  model: string
  shape?: string
}

/** A workflow with the recipe's marks, and the values that only we know of: what becomes of seeds, which LoRAs are off. */
export function dressed(
  workflow: Workflow,
  definitions: Definitions,
  { task, model, roles, values }: Made,
): Workflow {
  const next = structuredClone(workflow)
  const marked = { version: 1 as const, recipe: { task, model, shape: '' }, roles }
  next.extra = { ...next.extra, studio: marked }
  for (const place of roles[SEED] ?? [])
    writeSeedControl(next, definitions, place, String(values['seed.after'] ?? 'randomize'))
  const loras = values[LORAS]
  if (Array.isArray(loras)) writeValue(next, definitions, LORAS, loras)
  marked.recipe.model = String(roleValue(next, definitions, 'model.main') ?? model)
  marked.recipe.shape = shapeOf(next)
  return next
}

const rolesIn = (workflow: Workflow): Record<string, Place[]> => workflow.extra?.studio?.roles ?? {}

const placesOf = (workflow: Workflow, role: string): Place[] => rolesIn(workflow)[role] ?? []

export const hasRole = (workflow: Workflow, role: string): boolean => placesOf(workflow, role).length > 0

const loraField = (places: Place[]) => ({
  kind: 'field' as const,
  id: LORAS,
  label: LORAS,
  places,
  control: { type: 'loras' as const },
})

/** The value of a role, or undefined if the recipe has no place for it. */
export function roleValue(workflow: Workflow, definitions: Definitions, role: string): unknown {
  const places = placesOf(workflow, role)
  if (role === LORAS) return readField(workflow, definitions, loraField(places)) ?? []
  if (role === REFERENCES) return places.map((place) => readPlace(workflow, definitions, place))
  return places[0] && readPlace(workflow, definitions, places[0])
}

/** Writes a role's value to all of its places; false if there are none. `draft` is an Immer draft. */
export function writeValue(draft: Workflow, definitions: Definitions, role: string, value: unknown): boolean {
  const places = placesOf(draft, role)
  if (role === LORAS) writeField(draft, definitions, loraField(places), value)
  else
    for (const [at, place] of places.entries())
      writePlace(draft, definitions, place, role === REFERENCES ? (value as string[])[at] : value)
  return places.length > 0
}

/** Every value that the workflow has a role for, with what becomes of the seed. */
export function allValues(workflow: Workflow, definitions: Definitions): Record<string, unknown> {
  const found: Record<string, unknown> = { 'seed.after': seedAfter(workflow, definitions) }
  for (const role of Object.keys(rolesIn(workflow))) found[role] = roleValue(workflow, definitions, role)
  return found
}

export const seedAfter = (workflow: Workflow, definitions: Definitions): string => {
  const [place] = placesOf(workflow, SEED)
  return (place && readSeedControl(workflow, definitions, place)) || 'randomize'
}

export function writeSeedAfter(draft: Workflow, definitions: Definitions, after: string): void {
  for (const place of placesOf(draft, SEED)) writeSeedControl(draft, definitions, place, after)
}

/** Nodes and links as a text; values, places and the switches of LoRAs do not count. */
export function shapeOf(workflow: Workflow): string {
  const loras = new Set(placesOf(workflow, LORAS).map((place) => place.node))
  const nodes = workflow.nodes.map(
    (node) => `${node.id}:${node.type}:${loras.has(String(node.id)) ? 0 : (node.mode ?? 0)}`,
  )
  const links = workflow.links.map((link) =>
    Array.isArray(link)
      ? `${link[1]}.${link[2]}-${link[3]}.${link[4]}`
      : `${link.origin_id}.${link.origin_slot}-${link.target_id}.${link.target_slot}`,
  )
  return `${nodes.sort().join(' ')}|${links.sort().join(' ')}`
}

export type DocumentKind = 'empty' | 'recipe' | 'custom'

/** What a document is to this screen. */
export function kindOf(workflow: Workflow): DocumentKind {
  if (workflow.nodes.length === 0) return 'empty'
  const recipe = workflow.extra?.studio?.recipe as RecipeMark | undefined
  if (!recipe) return 'custom'
  return !recipe.shape || recipe.shape === shapeOf(workflow) ? 'recipe' : 'custom'
}

export const recipeOf = (workflow: Workflow): RecipeMark | undefined =>
  workflow.extra?.studio?.recipe as RecipeMark | undefined

/** Whether a role's node is there, for values that came from elsewhere. */
export const canHold = (workflow: Workflow, role: string): boolean =>
  role === LORAS || placesOf(workflow, role).some((place) => findNode(workflow, place.node) !== undefined)
