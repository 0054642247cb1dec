/** Which models draw, as the server lists them, and the graphs that it writes for tasks. */
import { useQuery } from '@tanstack/react-query'
import type { ApiPrompt, Place } from '@/doc/workflow'
import type { SizeLimits } from '@/form/sizes'
import { getJson, postJson } from '@/net/api'

export interface DrawingModel {
  name: string
  title: string
  family: { id: string; title: string }
  builtin: boolean
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
  negative: boolean
  prompt: string
  missing?: string[]
}

export interface RecipeList {
  models: DrawingModel[]
  default: string
}

/** The same entry of the cache as other screens use. */
const RECIPES = ['models', 'recipes'] as const

export const useRecipes = () =>
  useQuery({
    queryKey: RECIPES,
    queryFn: () => getJson<RecipeList>('/limner/recipes'),
    retry: true,
    retryDelay: 1_000,
  })

/** The model that is meant: the named one, else the server's choice. */
export const modelOf = (list: RecipeList | undefined, name: string): DrawingModel | undefined =>
  list?.models.find((model) => model.name === name) ??
  list?.models.find((model) => model.name === list.default) ??
  list?.models[0]

export interface WrittenRecipe {
  prompt: ApiPrompt
  roles: Record<string, Place[]>
  title: string
}

export const writeRecipe = (
  task: string,
  model: string,
  values: Record<string, unknown>,
): Promise<WrittenRecipe> => postJson<WrittenRecipe>(`/limner/recipes/${task}`, { model, values })
