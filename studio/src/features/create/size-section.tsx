import { SizeFields, shownPixels } from '@/form/controls/size'
import { snap } from '@/form/sizes'
import { t } from '@/i18n/text'
import { Field } from '@/ui/field'
import type { RecipeForm } from './use-recipe'

const UNKNOWN = { multiple: 8, min: 64, max: 4096 }

/** Width and height on the model's grid. */
export function SizeSection({ form }: { form: RecipeForm }) {
  if (!form.has('size.width')) return null
  const limits = form.model?.sizes ?? UNKNOWN
  const size = { width: form.value('size.width', 512), height: form.value('size.height', 512) }
  const offGrid = snap(size.width, limits) !== size.width || snap(size.height, limits) !== size.height
  return (
    <Field
      label={t('Size')}
      help={t('The model works best near its own size. More pixels take longer and need more memory.')}
      aside={shownPixels(size)}
      error={
        offGrid
          ? t('This model draws sides of {{min}} to {{max}} in steps of {{multiple}}.', {
              min: limits.min,
              max: limits.max,
              multiple: limits.multiple,
            })
          : undefined
      }
    >
      {({ id }) => (
        <SizeFields
          id={id}
          size={size}
          limits={limits}
          onChange={({ width, height }) =>
            form.setMany(
              { 'size.width': snap(width, limits), 'size.height': snap(height, limits) },
              t('Size'),
            )
          }
        />
      )}
    </Field>
  )
}
