/** The open document as the form sees it: values by role, and what changes them. */
import { useMemo } from 'react'
import { edit, type OpenDocument, useDocuments } from '@/app/documents'
import type { Definitions } from '@/doc/definitions'
import type { Workflow } from '@/doc/workflow'
import type { DrawingModel, RecipeList } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { toast } from '@/ui/toasts'
import { carriedValues } from './carried-values'
import {
  allValues,
  hasRole,
  recipeOf,
  roleValue,
  seedAfter,
  writeSeedAfter,
  writeValue,
} from './recipe-document'
import { makeRecipe, type RoleValues } from './recipes'

export interface RecipeForm {
  document: string
  workflow: Workflow
  definitions: Definitions
  list: RecipeList
  task: string
  /** What is known of the chosen model; undefined: the server does not have it. */
  model: DrawingModel | undefined
  modelName: string
  has: (role: string) => boolean
  value: <T>(role: string, otherwise: T) => T
  set: (role: string, value: unknown, label: string) => void
  setMany: (values: RoleValues, label: string) => void
  seedAfter: string
  setSeedAfter: (after: string) => void
  /** Makes the workflow anew: another task or model, another number of LoRAs. All values that have a role stay. */
  remake: (change: { task?: string; model?: string; values?: RoleValues; label: string }) => Promise<void>
}

/** The document by role. */
export function useRecipe(document: OpenDocument, definitions: Definitions, list: RecipeList): RecipeForm {
  const { id, workflow } = document
  return useMemo(() => recipeForm(id, workflow, definitions, list), [id, workflow, definitions, list])
}

function recipeForm(
  document: string,
  workflow: Workflow,
  definitions: Definitions,
  list: RecipeList,
): RecipeForm {
  const task = recipeOf(workflow)?.task ?? 'text'
  const modelName = String(roleValue(workflow, definitions, 'model.main') ?? recipeOf(workflow)?.model ?? '')
  const change = (label: string, merge: string, work: (draft: Workflow) => void) =>
    edit(document, { label, merge }, work)
  return {
    document,
    workflow,
    definitions,
    list,
    task,
    modelName,
    model: list.models.find((model) => model.name === modelName),
    has: (role) => hasRole(workflow, role),
    value: <T>(role: string, otherwise: T) => (roleValue(workflow, definitions, role) ?? otherwise) as T,
    set: (role, value, label) =>
      change(label, role, (draft) => void writeValue(draft, definitions, role, value)),
    setMany: (values, label) =>
      change(label, Object.keys(values).join(' '), (draft) => {
        for (const [role, value] of Object.entries(values)) writeValue(draft, definitions, role, value)
      }),
    seedAfter: seedAfter(workflow, definitions),
    setSeedAfter: (after) =>
      change(after === 'fixed' ? t('Keep the seed') : t('New seeds'), '', (draft) =>
        writeSeedAfter(draft, definitions, after),
      ),
    remake: async ({ task: nextTask = task, model = modelName, values = {}, label }) => {
      try {
        await remakeDocument(document, definitions, list, { task: nextTask, model, values, label })
      } catch (error) {
        toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
      }
    },
  }
}

export interface Remake {
  task: string
  model: string
  values: RoleValues
  label: string
}

/** Makes a document's workflow anew from a recipe, with every value that it has a role for and those that are given. */
export async function remakeDocument(
  document: string,
  definitions: Definitions,
  list: RecipeList,
  { task, model, values, label }: Remake,
): Promise<void> {
  const before = useDocuments.getState().open[document]?.workflow
  const known = (name: string) => list.models.find((entry) => entry.name === name)
  const kept = before
    ? carriedValues(allValues(before, definitions), {
        from: known(recipeOf(before)?.model ?? ''),
        to: known(model),
        otherTask: recipeOf(before)?.task !== task,
      })
    : {}
  const merged = { ...kept, ...values }
  const next = await makeRecipe(task, model, merged, definitions)
  edit(document, { label }, (draft) => {
    const studio = { ...draft.extra?.studio, ...next.extra!.studio! }
    return { ...next, extra: { ...draft.extra, studio } } as Workflow
  })
}
