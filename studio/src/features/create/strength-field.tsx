import { t } from '@/i18n/text'
import { Field } from '@/ui/field'
import { Slider } from '@/ui/slider'
import type { RecipeForm } from './use-recipe'

/** How much of a picture is painted over, in percent. For tasks that begin with a picture. */
export function StrengthField({ form }: { form: RecipeForm }) {
  if (!form.has('sampler.denoise') || form.task === 'text' || form.task === 'edit') return null
  const strength = form.value('sampler.denoise', 1)
  const words: [number, string][] = [
    [0.25, t('touches up')],
    [0.5, t('keeps the shapes')],
    [0.75, t('keeps the layout')],
    [0.97, t('keeps a hint')],
  ]
  const word = words.find(([limit]) => strength <= limit)?.[1] ?? t('draws anew')
  return (
    <Field
      label={t('Strength')}
      help={t('How much of the picture is painted over. Low keeps it, high follows the prompt.')}
      aside={word}
    >
      {({ id }) => (
        <Slider
          id={id}
          label={t('Strength')}
          value={Math.round(strength * 100)}
          onChange={(percent) => form.set('sampler.denoise', percent / 100, t('Strength'))}
          min={1}
          max={100}
          whole
          suffix="%"
        />
      )}
    </Field>
  )
}
