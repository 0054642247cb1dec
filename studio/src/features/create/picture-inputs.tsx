import { lazy, Suspense } from 'react'
import { useRefusals } from '@/app/run'
import type { FormField } from '@/doc/form'
import { FieldControl } from '@/form/field-control'
import { t } from '@/i18n/text'
import { StrengthField } from './strength-field'
import type { RecipeForm } from './use-recipe'

const PictureNote = lazy(() => import('./picture-note'))
const ReferenceRow = lazy(() => import('./reference-row'))

/** The pictures that a task begins with, and how strongly they are changed. */
export function PictureInputs({ form }: { form: RecipeForm }) {
  const refused = useRefusals((state) => state.refused[form.document]?.problems)
  if (!form.has('image.init')) return null
  const chosen = form.value('image.init', '')
  const places = form.workflow.extra?.studio?.roles?.['image.init'] ?? []
  const error = refused?.find((problem) =>
    places.some((place) => place.node === problem.node && place.widget === problem.input),
  )?.message
  const field: FormField = {
    kind: 'field',
    id: 'image.init',
    label: t('Picture'),
    help:
      form.task === 'inpaint'
        ? t('Paint a mask over what is to be drawn anew; the rest stays as it is.')
        : undefined,
    places: [],
    control: { type: form.task === 'inpaint' ? 'mask' : 'image' },
  }
  return (
    <div className="flex flex-col gap-3">
      <FieldControl
        field={field}
        value={chosen}
        onChange={(value) => {
          form.set('image.init', value, t('Picture'))
          void import('./fit-size').then(({ fitSize }) => fitSize(form.document, String(value ?? ''), chosen))
        }}
        error={chosen ? error : undefined}
      />
      {chosen ? (
        <Suspense fallback={null}>
          <PictureNote form={form} />
        </Suspense>
      ) : null}
      {form.task === 'edit' && form.model?.references ? (
        <Suspense fallback={null}>
          <ReferenceRow form={form} />
        </Suspense>
      ) : null}
      <StrengthField form={form} />
      <OutpaintSides form={form} />
      <UpscaleFactor form={form} />
    </div>
  )
}

const SIDES = ['left', 'top', 'right', 'bottom'] as const

function OutpaintSides({ form }: { form: RecipeForm }) {
  if (!form.has('outpaint.left')) return null
  const names = { left: t('Left'), top: t('Top'), right: t('Right'), bottom: t('Bottom') }
  const step = form.model?.sizes.multiple ?? 8
  return (
    <fieldset className="grid grid-cols-4 gap-2">
      <legend className="mb-1 text-label font-medium text-muted">{t('Pixels to add')}</legend>
      {SIDES.map((side) => (
        <FieldControl
          key={side}
          field={{
            kind: 'field',
            id: side,
            label: names[side],
            places: [],
            control: { type: 'number', min: 0, max: 4096, step, whole: true },
          }}
          value={form.value(`outpaint.${side}`, 0)}
          onChange={(value) => form.set(`outpaint.${side}`, value, names[side])}
        />
      ))}
    </fieldset>
  )
}

const UpscaleFactor = ({ form }: { form: RecipeForm }) =>
  form.has('upscale.factor') ? (
    <FieldControl
      field={{
        kind: 'field',
        id: 'upscale.factor',
        label: t('Times larger'),
        help: t(
          'Each side becomes so many times longer. Larger pictures take much longer and need more memory.',
        ),
        places: [],
        control: { type: 'both', min: 1, max: 4, step: 0.25 },
      }}
      value={form.value('upscale.factor', 2)}
      onChange={(value) => form.set('upscale.factor', value, t('Times larger'))}
    />
  ) : null
