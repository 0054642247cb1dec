/**
 * Presets: named overlays of roles, kept on the server for each user. Several may be on; later ones win. They lie over
 * the form's values when it is run, and are written into them only by "bake in".
 */
import { useQuery } from '@tanstack/react-query'
import { queries } from '@/app/connection'
import type { Workflow } from '@/doc/workflow'
import { getJson, postJson } from '@/net/api'
import type { RoleValues } from './recipes'

export interface Preset {
  name: string
  values: RoleValues
}

const SETTING = '/settings/Limner.Presets'
const PRESETS = ['presets'] as const

async function readPresets(): Promise<Preset[]> {
  const kept = await getJson<unknown>(SETTING)
  return Array.isArray(kept) ? kept.filter(isPreset) : []
}

const isPreset = (entry: unknown): entry is Preset =>
  typeof entry === 'object' &&
  entry !== null &&
  typeof (entry as Preset).name === 'string' &&
  typeof (entry as Preset).values === 'object'

const query = { queryKey: PRESETS, queryFn: readPresets, staleTime: 60_000 }

export const usePresets = (): Preset[] => useQuery(query).data ?? NONE
const NONE: Preset[] = []

export const loadPresets = (): Promise<Preset[]> => queries.fetchQuery(query)

export async function keepPresets(presets: Preset[]): Promise<void> {
  queries.setQueryData(PRESETS, presets)
  await postJson(SETTING, presets)
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
