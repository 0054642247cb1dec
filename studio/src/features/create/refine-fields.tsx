import { FieldControl } from '@/form/field-control'
import { shownNumber, t } from '@/i18n/text'
import { Switch } from '@/ui/switch'
import type { RecipeForm } from './use-recipe'

const FACTOR = 1.5

/** A second pass over the picture, larger: whether, how much larger, and how strongly it paints. */
export default function RefineFields({ form }: { form: RecipeForm }) {
  const on = form.has('refine.factor')
  return (
    <>
      <div className="flex items-start gap-3">
        <p className="min-w-0 flex-1 text-label text-muted">
          {t('Enlarges the picture and paints over it once more, for finer detail than one pass has.')}
        </p>
        <Switch
          label={t('Second pass')}
          checked={on}
          onChange={(wanted) =>
            void form.remake({ values: { 'refine.factor': wanted ? FACTOR : '' }, label: t('Second pass') })
          }
        />
      </div>
      {on ? <Fields form={form} /> : null}
    </>
  )
}

function Fields({ form }: { form: RecipeForm }) {
  const factor = form.value('refine.factor', FACTOR)
  const side = (role: string) => shownNumber(Math.round(form.value(role, 0) * factor), { useGrouping: false })
  const known = form.has('size.width')
  const size = { width: side('size.width'), height: side('size.height') }
  return (
    <>
      <FieldControl
        field={{
          kind: 'field',
          id: 'refine.factor',
          label: t('Times larger'),
          help: known ? t('The picture becomes {{width}} × {{height}} pixels.', size) : undefined,
          places: [],
          control: { type: 'both', min: 1, max: 4, step: 0.25 },
        }}
        value={factor}
        onChange={(value) => form.set('refine.factor', value, t('Times larger'))}
      />
      <FieldControl
        field={{
          kind: 'field',
          id: 'refine.strength',
          label: t('Strength'),
          help: t('How much is painted over. Low keeps the picture, high invents detail.'),
          places: [],
          control: { type: 'both', min: 0.05, max: 1, step: 0.05 },
        }}
        value={form.value('refine.strength', 0.4)}
        onChange={(value) => form.set('refine.strength', value, t('Strength'))}
      />
      <FieldControl
        field={{
          kind: 'field',
          id: 'refine.steps',
          label: t('Steps'),
          places: [],
          control: { type: 'both', min: 1, max: 60, step: 1, whole: true },
        }}
        value={form.value('refine.steps', 20)}
        onChange={(value) => form.set('refine.steps', value, t('Steps'))}
      />
      <FieldControl
        field={{
          kind: 'field',
          id: 'refine.model',
          label: t('Enlarging model'),
          help: t(
            'A network that adds detail while it enlarges. Without one the picture is enlarged smoothly.',
          ),
          places: [],
          control: { type: 'model', folder: 'upscale_models' },
        }}
        value={form.value('refine.model', '')}
        onChange={(value) =>
          void form.remake({ values: { 'refine.model': value }, label: t('Enlarging model') })
        }
      />
    </>
  )
}
