import { useRunOptions } from '@/app/run-options'
import { SeedControl } from '@/form/controls/seed'
import { StepperControl } from '@/form/controls/stepper'
import { t } from '@/i18n/text'
import { Field } from '@/ui/field'
import { lastSeed } from './last-seeds'
import { SEED } from './recipe-document'
import type { RecipeForm } from './use-recipe'

/** How many pictures, and from which seed. Never folded away: people look for them. */
export function CountAndSeed({ form }: { form: RecipeForm }) {
  const count = useRunOptions((state) => state.count)
  const take = (value: unknown) => {
    const { seed, after } = value as { seed: number; after: string }
    if (after === form.seedAfter) form.set(SEED, seed, t('Seed'))
    else {
      // Whoever locks a seed means the one of the picture in view, not the one that was drawn for the next.
      const last = lastSeed(form.document)
      if (after === 'fixed' && last !== undefined) form.set(SEED, last, t('Keep the seed'))
      form.setSeedAfter(after)
    }
  }
  return (
    <div className="flex flex-col gap-3">
      <Field
        label={t('Seed')}
        help={t(
          'The same seed and settings make the same picture. The lock keeps the last one; without it each run draws a new one.',
        )}
      >
        {({ id }) => (
          <SeedControl
            id={id}
            label={t('Seed')}
            control={{ type: 'seed' }}
            value={{ seed: form.value(SEED, 0), after: form.seedAfter }}
            onChange={take}
          />
        )}
      </Field>
      <Field
        label={t('Pictures')}
        help={t('How many are drawn in one run, each with a seed of its own.')}
        inline
      >
        {({ id }) => (
          <div className="w-36">
            <StepperControl
              id={id}
              label={t('Pictures')}
              control={{ type: 'stepper', min: 1, max: 64, whole: true }}
              value={count}
              onChange={(value) => useRunOptions.setState({ count: Number(value) })}
            />
          </div>
        )}
      </Field>
    </div>
  )
}
