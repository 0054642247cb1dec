/** The document that this screen begins with: a recipe with the server's default model and a prompt that it draws well. */
import { queries } from '@/app/connection'
import { activeDocument, edit, openDocument } from '@/app/documents'
import { randomSeed } from '@/doc/seeds'
import { t } from '@/i18n/text'
import { loadDefinitions } from '@/net/definitions'
import { kindOf, SEED } from './recipe-document'
import { makeRecipe } from './recipes'

const LAST = 'limner.create.model'

/** The model that was chosen last on this screen; empty: the server's default. */
export const lastModel = (): string => localStorage.getItem(LAST) ?? ''
export const keepLastModel = (name: string): void => localStorage.setItem(LAST, name)

let starting: Promise<void> | null = null

/** Fills an empty document, or opens one if there is none. Asked twice at once, it is done once. */
export function ensureDocument(): Promise<void> {
  starting ??= begin().finally(() => {
    starting = null
  })
  return starting
}

async function begin(): Promise<void> {
  const definitions = loadDefinitions(queries)
  // A seed of its own: with the same one for all, every new document would draw the picture that is there already.
  const values = { [SEED]: randomSeed() }
  const workflow = await makeRecipe('text', lastModel(), values, definitions).catch(() =>
    // The model may be gone.
    makeRecipe('text', '', values, definitions),
  )
  const active = activeDocument()
  if (!active) openDocument({ workflow, title: t('Untitled') })
  else if (kindOf(active.workflow) === 'empty')
    edit(active.id, { label: t('New picture'), silent: true }, () => workflow)
}
