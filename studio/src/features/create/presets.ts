/**
 * Presets: named overlays of roles, kept on the server for each user. Several may be on; later ones win. They lie over
 * the form's values when it is run, and are written into them only by "bake in".
 */
import { useQuery } from '@tanstack/react-query'
import { queries } from '@/app/connection'
import type { Workflow } from '@/doc/workflow'
import { ApiError, getJson, send } from '@/net/api'
import type { RoleValues } from './recipes'

export interface Preset {
  name: string
  values: RoleValues
}

const FILE = '/userdata/limner-presets.json'
const PRESETS = ['presets'] as const

const readPresets = async (): Promise<Preset[]> => {
  try {
    const kept = await getJson<{ presets?: Preset[] }>(FILE)
    return Array.isArray(kept?.presets)
      ? kept.presets.filter((one) => one && typeof one.name === 'string')
      : []
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return []
    throw error
  }
}

const query = { queryKey: PRESETS, queryFn: readPresets, staleTime: 60_000 }

export const usePresets = (): Preset[] => useQuery(query).data ?? NONE
const NONE: Preset[] = []

export const loadPresets = (): Promise<Preset[]> => queries.fetchQuery(query)

export async function keepPresets(presets: Preset[]): Promise<void> {
  queries.setQueryData(PRESETS, presets)
  await send('POST', `${FILE}?overwrite=true`, JSON.stringify({ presets }))
}

/** Names of the presets that are on in a document, in their order. */
export const presetsOn = (workflow: Workflow): string[] => {
  const on = workflow.extra?.studio?.presets
  return Array.isArray(on) ? on.map(String) : []
}

export function switchPresets(draft: Workflow, names: string[]): void {
  const studio = draft.extra?.studio
  if (studio) studio.presets = names
}

/** The values that presets lay over the form's; of two that say something of one role the later wins. */
export function overlay(presets: readonly Preset[], on: readonly string[]): RoleValues {
  const found = on.map((name) => presets.find((one) => one.name === name)?.values ?? {})
  return Object.assign({}, ...found)
}
