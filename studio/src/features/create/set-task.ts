/** Other tasks, inputs and settings for the open document, for whoever has no form at hand: intents, cards, keys. */
import { queries } from '@/app/connection'
import { activeDocument, openDocument } from '@/app/documents'
import { RECIPES, type RecipeList } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { getJson } from '@/net/api'
import { loadDefinitions } from '@/net/definitions'
import { toast } from '@/ui/toasts'
import { kindOf, recipeOf } from './recipe-document'
import { makeRecipe, type RoleValues } from './recipes'
import { ensureDocument } from './start-document'
import { remakeDocument } from './use-recipe'

export const loadRecipes = (): Promise<RecipeList> =>
  queries.fetchQuery({
    queryKey: RECIPES,
    queryFn: () => getJson<RecipeList>('/limner/recipes'),
    staleTime: 30_000,
  })

export interface Beginning {
  task?: string
  model?: string
  values?: RoleValues
  label?: string
}

/** Makes the open document a recipe of a task with values; one is opened if there is none. Returns its id. */
export async function setRecipe({ task, model, values = {}, label }: Beginning): Promise<string> {
  if (!activeDocument() || kindOf(activeDocument()!.workflow) === 'empty') await ensureDocument()
  const [list, definitions] = await Promise.all([loadRecipes(), loadDefinitions(queries)])
  const document = activeDocument()!
  if (kindOf(document.workflow) === 'custom') {
    // Somebody's own workflow is not written over: the picture gets a document of its own.
    const known = list.models.some((one) => one.name === model) ? model! : list.default
    const workflow = await makeRecipe(task ?? 'text', known, values, definitions)
    return openDocument({ workflow, title: t('Untitled') })
  }
  const now = kindOf(document.workflow) === 'recipe' ? recipeOf(document.workflow) : undefined
  const known = list.models.some((one) => one.name === model)
  await remakeDocument(document.id, definitions, list, {
    task: task ?? now?.task ?? 'text',
    model: (known ? model : undefined) ?? now?.model ?? list.default,
    values,
    label: label ?? t('New settings'),
  })
  return document.id
}

export async function setTask(task: string, values: RoleValues = {}): Promise<void> {
  try {
    await setRecipe({ task, values, label: t('Another task') })
  } catch (error) {
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
  }
}
