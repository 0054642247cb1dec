/** What other screens ask of this one: settings of a picture, a picture as input, variations. */
import { type Intent, useIntents } from '@/app/intents'
import { readPicture } from '@/app/recall'
import { run } from '@/app/run'
import { LARGEST_SEED } from '@/doc/seeds'
import { t } from '@/i18n/text'
import { inputName, type SavedFile } from '@/net/files'
import { toast } from '@/ui/toasts'
import { nameAfterPrompt } from './document-name'
import type { RoleValues } from './recipes'
import { setRecipe } from './set-task'
import { leftOut, readSettings } from './settings-values'

const VARIATIONS = 4

const TAKERS: Record<string, (data: Intent['data']) => Promise<void>> = {
  'use-settings': ({ values }) => useSettings(values as RoleValues),
  'use-input': ({ file, task }) => useInput(file as SavedFile, String(task ?? '')),
  vary: ({ file }) => vary(file as SavedFile),
}

export function useCreateIntents(): void {
  useIntents('create', ({ name, data }) => {
    void TAKERS[name]?.(data).catch((error: Error) => toast({ text: error.message, tone: 'err' }))
  })
}

/** Settings that came from elsewhere; says what the recipe has no place for. */
async function useSettings(values: RoleValues): Promise<void> {
  const { task, model, values: known } = readSettings(values)
  const id = await setRecipe({ task, model, values: known, label: t('Recall settings') })
  const missing = await leftOut(id, values)
  toast(
    missing.length > 0
      ? { text: t('Recalled. Left out: {{names}}.', { names: missing.join(', ') }), tone: 'warn' }
      : { text: t('Settings recalled.'), tone: 'ok' },
  )
}

async function useInput(file: SavedFile, task: string): Promise<void> {
  const name = inputName(file)
  const id = await setRecipe({
    task: task || 'image',
    values: { 'image.init': name },
    label: t('Use as input'),
  })
  const { fitSize } = await import('./fit-size')
  await fitSize(id, name)
}

/** The same settings with seeds that follow the picture's own. */
async function vary(file: SavedFile): Promise<void> {
  const found = await readPicture(file)
  if (!found.settings) throw new Error(t('This picture does not say how it was made.'))
  const { task, model, values } = readSettings(found.settings)
  const seed = (Number(values['sampler.seed'] ?? 0) + 1) % LARGEST_SEED
  const id = await setRecipe({
    task,
    model,
    values: { ...values, 'sampler.seed': seed, 'seed.after': 'increment' },
    label: t('Vary'),
  })
  nameAfterPrompt(id, values['prompt.positive'])
  await run(id, { count: VARIATIONS })
}
