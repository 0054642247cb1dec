/** Runs a recipe: prompts with choices are drawn, styles and LoRAs of the text are put in, one job for each picture. */
import { edit } from '@/app/documents'
import { newId, type RunWish, run } from '@/app/run'
import { isWhole } from '@/doc/exact-numbers'
import { advanceSeeds, NEXT_SEED } from '@/doc/seeds'
import type { Workflow } from '@/doc/workflow'
import { asLoras, type Lora } from '@/form/loras'
import { needsExpanding } from '@/form/prompt/prompt-grammar'
import { expandPrompt } from '@/form/prompt/prompt-server'
import { chosenStyles } from './chosen-styles'
import { nameAfterPrompt } from './document-name'
import { keepLastSeed } from './last-seeds'
import { loadPresets, overlay, presetsOn } from './presets'
import { allValues, LORAS, roleValue, SEED } from './recipe-document'
import { makeRecipe, type RoleValues } from './recipes'
import type { RecipeForm } from './use-recipe'

/** Queues the document's recipe; seeds move on as their lock says. */
export async function runRecipe(form: RecipeForm, wish: RunWish): Promise<void> {
  nameAfterPrompt(form.document, form.value('prompt.positive', ''))
  keepLastSeed(form.document, form.value(SEED, 0))
  const styles = chosenStyles(form.workflow)
  const texts = ['prompt.positive', 'prompt.negative'].map((role) => String(form.value(role, '')))
  const on = presetsOn(form.workflow)
  const laid = on.length > 0 ? overlay(await loadPresets(), on) : {}
  if (!texts.some(needsExpanding) && styles.length === 0 && Object.keys(laid).length === 0) {
    await run(form.document, wish)
    return
  }
  const count = Math.max(1, wish.count ?? 1)
  const group = wish.group ?? (count > 1 ? newId() : '')
  let workflow = form.workflow
  for (let turn = 0; turn < count; turn += 1) {
    const spelled = await spelledOut(form, workflow, styles, laid)
    const jobs = await run(form.document, { ...wish, count: 1, group, workflow: spelled })
    if (jobs.length === 0) break
    workflow = advanceSeeds(workflow)
  }
  const moved = workflow
  edit(form.document, { label: NEXT_SEED, silent: true }, () => moved)
}

/** The workflow with its prompts as they are drawn for its seed. */
async function spelledOut(
  form: RecipeForm,
  workflow: Workflow,
  styles: string[],
  laid: RoleValues,
): Promise<Workflow> {
  const { definitions } = form
  const values: RoleValues = { ...allValues(workflow, definitions), ...laid }
  const seed = roleValue(workflow, definitions, SEED)
  const said = await expandPrompt({
    text: String(values['prompt.positive'] ?? ''),
    negative: String(values['prompt.negative'] ?? ''),
    seed: isWhole(seed) ? seed : 0,
    styles,
  })
  const loras = joined(asLoras(values[LORAS]), said.loras)
  const recipe = await makeRecipe(
    form.task,
    form.modelName,
    { ...values, 'prompt.positive': said.text, 'prompt.negative': said.negative, [LORAS]: loras },
    definitions,
  )
  return { ...recipe, extra: { ...workflow.extra, ...recipe.extra } }
}

const joined = (own: Lora[], said: Lora[]): Lora[] => [
  ...own.filter((lora) => !said.some((other) => other.name === lora.name)),
  ...said,
]
