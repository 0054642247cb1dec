/** Settings of a picture as the form takes them, and what of them has no place in it. */
import { queries } from '@/app/connection'
import { useDocuments } from '@/app/documents'
import { loadDefinitions } from '@/net/definitions'
import { canHold, roleValue } from './recipe-document'
import type { RoleValues } from './recipes'
import { roleName } from './role-names'

export interface ReadSettings {
  task: string | undefined
  model: string | undefined
  values: RoleValues
}

const FILES = ['model.main', 'model.vae', 'model.text_encoder', 'output']

/** The task that settings belong to, their model, and the values that any recipe may take. */
export function readSettings(settings: RoleValues): ReadSettings {
  const values = Object.fromEntries(
    Object.entries(settings).filter(([role, value]) => !FILES.includes(role) && value !== undefined),
  )
  const model = typeof settings['model.main'] === 'string' ? settings['model.main'] : undefined
  return { task: taskOf(settings), model, values: onOneGuidance(values) }
}

/** Which task the values speak of; undefined: any, so the form's stays. */
function taskOf(settings: RoleValues): string | undefined {
  if (settings['outpaint.left'] !== undefined) return 'outpaint'
  if (settings['upscale.factor'] !== undefined) return 'upscale'
  if (settings['image.mask'] || settings['mask.grow'] !== undefined) return 'inpaint'
  if (settings['refine.factor'] !== undefined) return 'text'
  if (settings['image.init']) return 'image'
  return settings['sampler.steps'] !== undefined || settings['size.width'] !== undefined ? 'text' : undefined
}

/** Guidance has two names, by how a family takes it; the recipe has one of them. */
function onOneGuidance(values: RoleValues): RoleValues {
  const told = values['sampler.guidance']
  const computed = values['sampler.cfg']
  if (told !== undefined && computed === undefined) return { ...values, 'sampler.cfg': told }
  if (computed !== undefined && told === undefined) return { ...values, 'sampler.guidance': computed }
  return values
}

/** Names of what was asked for and is not in the document now. */
export async function leftOut(document: string, settings: RoleValues): Promise<string[]> {
  const definitions = await loadDefinitions(queries)
  const workflow = useDocuments.getState().open[document]?.workflow
  if (!workflow) return []
  return Object.entries(settings).flatMap(([role, value]) => {
    if (value === undefined || value === '' || SILENT.has(role)) return []
    if (Array.isArray(value) && value.length === 0) return []
    const held = canHold(workflow, role)
    const same = held && (role !== 'model.main' || roleValue(workflow, definitions, role) === value)
    return same ? [] : [roleName(role)]
  })
}

/** What nobody misses: names of files, and guidance by its other name. */
const SILENT = new Set([
  'output',
  'sampler.guidance',
  'sampler.cfg',
  'seed.after',
  'batch.count',
  'sampler.denoise',
])
