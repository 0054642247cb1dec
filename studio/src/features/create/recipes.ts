/** Recipes as the server lists and writes them: which models draw, what they can do, and the graph of a task. */
import { useQuery } from '@tanstack/react-query'
import { queries } from '@/app/connection'
import { fromApi } from '@/doc/api-form'
import type { Definitions } from '@/doc/definitions'
import type { ApiPrompt, Place, Workflow } from '@/doc/workflow'
import type { SizeLimits } from '@/form/sizes'
import { getJson, postJson } from '@/net/api'
import { dressed } from './recipe-document'

export interface DrawingModel {
  name: string
  title: string
  family: { id: string; title: string }
  builtin: boolean
  /** Ids of the tasks that it does. */
  tasks: string[]
  defaults: {
    width: number
    height: number
    steps: number
    guidance: number
    sampler: string
    schedule: string
  }
  sizes: SizeLimits
  /** It knows negative prompts. */
  negative: boolean
  /** It looks at several pictures when it edits. */
  references?: boolean
  /** An example of a prompt that it draws well. */
  prompt: string
  /** How many tokens of its prompts are read at once, where they can be counted; 0: they cannot. */
  tokens?: number
  /** Files beside it that it needs and that are not here. */
  missing?: string[]
}

export interface RecipeList {
  models: DrawingModel[]
  default: string
  tasks?: { id: string; title: string }[]
  /** Formats of files that pictures are saved in; the first is the usual one. */
  formats?: string[]
}

export type RoleValues = Record<string, unknown>

export const RECIPES = ['models', 'recipes'] as const

const listed = { queryKey: RECIPES, queryFn: () => getJson<RecipeList>('/limner/recipes') }

/** Asks for the recipes before anything shows them. */
export const prefetchRecipes = (): void => void queries.prefetchQuery(listed)

export const useRecipeList = () =>
  useQuery({
    ...listed,
    retry: true,
    retryDelay: 1_000,
  })

interface WrittenRecipe {
  prompt: ApiPrompt
  roles: Record<string, Place[]>
  title: string
}

/** The workflow of a task with a model and values; an empty model is the server's default. */
export async function makeRecipe(
  task: string,
  model: string,
  values: RoleValues,
  definitions: Definitions | Promise<Definitions>,
): Promise<Workflow> {
  const [written, known] = await Promise.all([
    postJson<WrittenRecipe>(`/limner/recipes/${encodeURIComponent(task)}`, { model, values: sent(values) }),
    definitions,
  ])
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
