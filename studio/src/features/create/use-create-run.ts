/** What Run does on this screen, and what it is called. */
import { useMemo, useRef } from 'react'
import { useRunOptions } from '@/app/run-options'
import { type RunTarget, useRuns } from '@/app/run-target'
import { usePictureMask } from '@/form/picture-mask'
import { keepPrompt } from '@/form/prompt/prompt-history'
import { shownNumber, t } from '@/i18n/text'
import { runRecipe } from './run-recipe'
import type { RecipeForm } from './use-recipe'

export function useCreateRun(form: RecipeForm): void {
  const latest = useRef(form)
  latest.current = form
  const label = runLabel(form)
  const masked = usePictureMask(form.value('image.init', ''), form.task === 'inpaint')
  const reason = whyNot(form, form.task === 'inpaint' && masked === false)
  const target = useMemo(
    (): RunTarget => ({
      label,
      reason,
      run: async (wish) => {
        const now = latest.current
        keepPrompt(now.value('prompt.positive', ''))
        await runRecipe(now, { count: useRunOptions.getState().count, ...wish })
      },
    }),
    [label, reason],
  )
  useRuns(target)
}

/** What will happen, in a word or two. */
export function runLabel(form: RecipeForm): string {
  const percent = () => Math.round(form.value('sampler.denoise', 1) * 100)
  switch (form.task) {
    case 'image':
      return t('Refine {{percent}} %', { percent: percent() })
    case 'inpaint':
      return t('Fill mask')
    case 'outpaint':
      return t('Expand')
    case 'upscale':
      return t('Upscale ×{{factor}}', {
        factor: shownNumber(form.value('upscale.factor', 2), { maximumFractionDigits: 2 }),
      })
    case 'edit':
      return t('Edit')
    default:
      return t('Generate')
  }
}

function whyNot(form: RecipeForm, unmasked: boolean): string {
  if (!form.model) return t('The chosen model is not installed.')
  if (form.model.missing?.length) return t('Files that the model needs are missing.')
  if (form.has('image.init') && !form.value('image.init', '')) return t('Choose a picture first.')
  if (unmasked) return t('Paint a mask first.')
  return ''
}
