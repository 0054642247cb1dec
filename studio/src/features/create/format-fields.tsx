import { FieldControl } from '@/form/field-control'
import { t } from '@/i18n/text'
import { Field } from '@/ui/field'
import { Segmented } from '@/ui/segmented'
import type { RecipeForm } from './use-recipe'

const names: Record<string, string> = { png: 'PNG', jpeg: 'JPEG', webp: 'WebP' }

/** What pictures are saved as, and how much of them a smaller file keeps. */
export default function FormatFields({ form }: { form: RecipeForm }) {
  const { formats = [] } = form.list
  if (formats.length < 2) return null
  const format = form.value('output.format', formats[0]!)
  return (
    <>
      <Field label={t('Format')} help={told(format)}>
        {() => (
          <Segmented
            label={t('Format')}
            value={format}
            onChange={(value) => void form.remake({ values: { 'output.format': value }, label: t('Format') })}
            segments={formats.map((value) => ({ value, label: names[value] ?? value }))}
          />
        )}
      </Field>
      {form.has('output.quality') ? (
        <FieldControl
          field={{
            kind: 'field',
            id: 'output.quality',
            label: t('Quality'),
            places: [],
            control: { type: 'both', min: 1, max: 100, step: 1, whole: true },
          }}
          value={form.value('output.quality', 90)}
          onChange={(value) => form.set('output.quality', value, t('Quality'))}
        />
      ) : null}
    </>
  )
}

function told(format: string): string | undefined {
  if (format === 'jpeg') return t('Small files that every program opens. Fine edges lose a little.')
  if (format === 'webp') return t('The smallest files. A quality of 100 keeps every pixel.')
  return t('Keeps every pixel. Files are large.')
}
