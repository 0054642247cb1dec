/** Recipes as the server lists and writes them: which models draw, what they can do, and the graph of a task. */
import { useQuery } from '@tanstack/react-query'
import { queries } from '@/app/connection'
import type { ApiPrompt, Place } from '@/doc/workflow'
import { getJson, postJson } from '@/net/api'
import type { SizeLimits } from './sizes'

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

export interface WrittenRecipe {
  prompt: ApiPrompt
  roles: Record<string, Place[]>
  title: string
}

export const writeRecipe = (
  task: string,
  model: string,
  values: Record<string, unknown>,
): Promise<WrittenRecipe> =>
  postJson<WrittenRecipe>(`/limner/recipes/${encodeURIComponent(task)}`, { model, values })
