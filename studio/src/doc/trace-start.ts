/** What a trace of roles begins with: the nodes that draw, and where findings are put. */
import { type Flow, type FlowNode, inputNames, inputType } from './flow'
import { type Found, keyOf } from './value-trace'
import type { Place, Role } from './workflow'

export interface Trace {
  flow: Flow
  /** Nodes that feed outputs. */
  feeding: Map<string, FlowNode>
  roles: Record<Role, Place[]>
  /** Further texts that go into the prompts, beside those that have a role. */
  texts: Found[]
  /** Samplers, and what takes the parts that samplers are put together from. */
  samplers: FlowNode[]
  drawing: FlowNode[]
}

const PARTS = /^(SIGMAS|SAMPLER|GUIDER|NOISE)$/

export const isPart = (type: string): boolean => PARTS.test(type)

/** Whether a node draws, or guides what draws, from conditioning: known by its sockets, never by its name. */
export function isSampler(at: FlowNode): boolean {
  const types = new Set(inputNames(at).map((name) => inputType(at, name)))
  if (!types.has('CONDITIONING') || !types.has('MODEL')) return false
  const outputs = (at.node.outputs ?? []).map((output) => output.type)
  return outputs.some((type) => type === 'LATENT' || type === 'GUIDER' || type === 'IMAGE')
}

export const takesParts = (at: FlowNode): boolean =>
  inputNames(at).some((name) => isPart(inputType(at, name)))

/** Gives places a role; each place once. */
export function add(found: Trace, role: Role, ...values: (Found | undefined)[]): void {
  const places = found.roles[role] ?? []
  for (const value of values) {
    if (value && !places.some((place) => keyOf(place) === keyOf(value.place))) places.push(value.place)
  }
  if (places.length > 0) found.roles[role] = places
}
