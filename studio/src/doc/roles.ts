/**
 * What values mean, whatever node they are on: found by following the graph back from what draws.
 *
 * Form, recall, "send to" and tables all speak of roles, so that a value finds its place in any workflow.
 */
import type { Definitions } from './definitions'
import { feedingNodes, flowOf } from './flow'
import { traceControls, tracePictures } from './trace-pictures'
import { traceGenerators, tracePrompts } from './trace-prompts'
import { traceModels, traceSampling, traceSeeds, traceSizes } from './trace-sampling'
import { isSampler, type Trace, takesParts } from './trace-start'
import { readPlace, writePlace } from './widgets'
import type { Place, Role, Workflow } from './workflow'

/** Finds roles by following the graph. */
export const traceRoles = (workflow: Workflow, definitions: Definitions): Record<Role, Place[]> =>
  trace(workflow, definitions).roles

/** Roles: those that are stored in the document first, then those that are found. */
export function rolesOf(workflow: Workflow, definitions: Definitions): Record<Role, Place[]> {
  return { ...traceRoles(workflow, definitions), ...storedRoles(workflow) }
}

function storedRoles(workflow: Workflow): Record<Role, Place[]> {
  const stored = workflow.extra?.studio?.roles
  if (!stored || typeof stored !== 'object') return {}
  return Object.fromEntries(
    Object.entries(stored).filter(([, places]) => Array.isArray(places) && places.length > 0),
  )
}

/** The value that has a role, or undefined. */
export function readRole(workflow: Workflow, definitions: Definitions, role: Role): unknown {
  const place = rolesOf(workflow, definitions)[role]?.[0]
  return place && readPlace(workflow, definitions, place)
}

/** Writes a role's value to all its places; false if nothing has the role. `draft` is an Immer draft. */
export function writeRole(draft: Workflow, definitions: Definitions, role: Role, value: unknown): boolean {
  const places = rolesOf(draft, definitions)[role] ?? []
  for (const place of places) writePlace(draft, definitions, place, value)
  return places.length > 0
}

/** Finds roles, and what else a form is made of. */
export function trace(workflow: Workflow, definitions: Definitions): Trace {
  const flow = flowOf(workflow, definitions)
  const feeding = feedingNodes(flow)
  const samplers = [...feeding.values()].filter(isSampler)
  const assembled = [...feeding.values()].filter((at) => takesParts(at) && !samplers.includes(at))
  const found: Trace = { flow, feeding, roles: {}, texts: [], samplers, drawing: [...samplers, ...assembled] }
  tracePrompts(found)
  traceSampling(found)
  traceSizes(found)
  traceModels(found)
  traceControls(found)
  tracePictures(found)
  traceGenerators(found)
  traceSeeds(found)
  return found
}
