import { useState } from 'react'
import type { FormElement } from '@/doc/form'
import { ImageControl } from '@/form/controls/image'
import { isOwn } from '@/form/form-elements'
import { t } from '@/i18n/text'
import { fileOfInput, fileUrl } from '@/net/files'
import { ErrorNote } from '@/ui/error-note'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import type { Building } from './builder-state'
import { carriedPicture } from './carried-picture'
import { changeElement } from './form-edits'

type PictureElement = Extract<FormElement, { kind: 'picture' }>

/** Which picture stands in the form, and what it shows. It travels with the app. */
export function PictureSettings({ element, building }: { element: PictureElement; building: Building }) {
  const { form, change } = building
  const [fault, setFault] = useState('')
  const write = (part: Partial<PictureElement>, merge = '') =>
    change(
      t('Change the picture'),
      changeElement(form.elements, element.id, (one) => ({ ...one, ...part }) as FormElement),
      merge,
    )
  const take = async (name: unknown) => {
    setFault('')
    try {
      write({ url: name ? await carriedPicture(fileUrl(fileOfInput(String(name)))) : '' })
    } catch {
      setFault(t('This file cannot be shown as a picture.'))
    }
  }
  return (
    <>
      {isOwn(element.url) ? (
        <img
          src={element.url}
          alt={element.alt || t('Picture')}
          className="checker max-h-48 w-full rounded-card border object-contain"
        />
      ) : null}
      <Field label={element.url ? t('Another picture') : t('Picture')}>
        {({ id }) => (
          <ImageControl
            id={id}
            label={t('Picture')}
            control={{ type: 'image' }}
            value=""
            onChange={(name) => void take(name)}
          />
        )}
      </Field>
      {fault ? <ErrorNote title={fault} /> : null}
      <Field
        label={t('What it shows')}
        help={t('For people who cannot see it. Empty if it is only decoration.')}
      >
        {({ id }) => (
          <Input id={id} value={element.alt ?? ''} onChange={(alt) => write({ alt }, `alt.${element.id}`)} />
        )}
      </Field>
    </>
  )
}
