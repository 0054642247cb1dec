/** Documents out of recipes. */
import { fromApi } from '@/doc/api-form'
import type { Definitions } from '@/doc/definitions'
import type { Workflow } from '@/doc/workflow'
import { writeRecipe } from '@/form/recipe-list'
import { dressed } from './recipe-document'

export type RoleValues = Record<string, unknown>

/** The workflow of a task with a model and values; an empty model is the server's default. */
export async function makeRecipe(
  task: string,
  model: string,
  values: RoleValues,
  definitions: Definitions | Promise<Definitions>,
): Promise<Workflow> {
  const [written, known] = await Promise.all([writeRecipe(task, model, sent(values)), definitions])
  return dressed(fromApi(written.prompt, known), known, { task, model, roles: written.roles, values })
}

/** Values as the server takes them: empty ones are its own business, LoRAs go without their switches. */
function sent(values: RoleValues): RoleValues {
  const kept = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  return Object.fromEntries(
    kept.map(([role, value]) =>
      role === 'lora.list' && Array.isArray(value)
        ? [role, value.map(({ name, strength }) => ({ name, strength }))]
        : [role, value],
    ),
  )
}
