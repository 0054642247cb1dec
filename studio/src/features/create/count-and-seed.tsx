import { useRunOptions } from '@/app/run-options'
import { SeedControl } from '@/form/controls/seed'
import { StepperControl } from '@/form/controls/stepper'
import { t } from '@/i18n/text'
import { Field } from '@/ui/field'
import type { RecipeForm } from './use-recipe'

/** How many pictures, and from which seed. Never folded away: people look for them. */
export function CountAndSeed({ form }: { form: RecipeForm }) {
  const count = useRunOptions((state) => state.count)
  return (
    <div className="flex gap-3">
      <Field label={t('Pictures')} className="w-32 shrink-0">
        {({ id }) => (
          <StepperControl
            id={id}
            label={t('Pictures')}
            control={{ type: 'stepper', min: 1, max: 64, whole: true }}
            value={count}
            onChange={(value) => useRunOptions.setState({ count: Number(value) })}
          />
        )}
      </Field>
      <Field
        label={t('Seed')}
        help={t(
          'The same seed and settings make the same picture. The lock keeps it; without it each run draws a new one.',
        )}
        className="flex-1"
      >
        {({ id }) => (
          <SeedControl
            id={id}
            label={t('Seed')}
            control={{ type: 'seed' }}
            value={{ seed: form.value('sampler.seed', 0), after: form.seedAfter }}
            onChange={(value) => {
              const { seed, after } = value as { seed: number; after: string }
              if (after !== form.seedAfter) form.setSeedAfter(after)
              else form.set('sampler.seed', seed, t('Seed'))
            }}
          />
        )}
      </Field>
    </div>
  )
}
