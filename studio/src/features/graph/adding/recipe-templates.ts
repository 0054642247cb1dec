/** The server's recipes as workflows to begin a graph with: what its usual model can do. */
import { useQuery } from '@tanstack/react-query'
import { openDocument } from '@/app/documents'
import { fromApi } from '@/doc/api-form'
import type { Definitions } from '@/doc/definitions'
import type { ApiPrompt, Place } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { getJson, postJson } from '@/net/api'
import { toast } from '@/ui/toasts'

interface Recipes {
  models: { name: string; title: string; tasks: string[] }[]
  default: string
  tasks?: { id: string; title: string }[]
}

export interface RecipeTemplate {
  task: string
  title: string
  /** The model that it begins with. */
  model: { name: string; title: string }
}

/** Titles of the tasks that we know; others keep the server's. */
const titles = (): Record<string, string> => ({
  text: t('Text to image'),
  image: t('Image to image'),
  inpaint: t('Inpaint'),
  outpaint: t('Outpaint'),
  upscale: t('Upscale'),
  edit: t('Edit by instruction'),
})

/** One template for each task of the usual model; none while nothing is known. */
export function useRecipeTemplates(): RecipeTemplate[] {
  const { data } = useQuery({
    queryKey: ['models', 'recipes'],
    queryFn: () => getJson<Recipes>('/limner/recipes'),
  })
  const model = data?.models.find((one) => one.name === data.default) ?? data?.models[0]
  if (!data || !model) return []
  return model.tasks.map((task) => ({
    task,
    title: titles()[task] ?? data.tasks?.find((one) => one.id === task)?.title ?? task,
    model,
  }))
}

/** Opens a recipe as a document of its own. */
export async function openRecipe({ task, title, model }: RecipeTemplate, known: Definitions): Promise<void> {
  try {
    const written = await postJson<{ prompt: ApiPrompt; roles: Record<string, Place[]> }>(
      `/limner/recipes/${encodeURIComponent(task)}`,
      { model: model.name, values: {} },
    )
    const workflow = fromApi(written.prompt, known)
    const studio = { version: 1 as const, roles: written.roles }
    openDocument({ workflow: { ...workflow, extra: { ...workflow.extra, studio } }, title })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    toast({ text: t('“{{name}}” was not opened: {{reason}}', { name: title, reason }), tone: 'err' })
  }
}
