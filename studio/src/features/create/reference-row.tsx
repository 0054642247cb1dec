import { ImagePlus, Images } from 'lucide-react'
import { type DragEvent, lazy, Suspense, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { inputName, uploadInput } from '@/net/files'
import { IconButton } from '@/ui/button'
import { toast } from '@/ui/toasts'
import { REFERENCES } from './recipe-document'
import { MOST_REFERENCES, movedTo, withMore } from './reference-list'
import { ReferenceTile } from './reference-tile'
import type { RecipeForm } from './use-recipe'

const ResultPicker = lazy(() => import('@/form/result-picker'))

/** Further pictures that the model looks at, in an order that the prompt can speak of. */
export default function ReferenceRow({ form }: { form: RecipeForm }) {
  const names = form.value<string[]>(REFERENCES, [])
  const [choosing, choose] = useState(false)
  const [busy, setBusy] = useState(false)
  const [held, hold] = useState(-1)
  const picker = useRef<HTMLInputElement>(null)
  const label = t('Further pictures')
  const remake = (next: string[]) => form.remake({ values: { [REFERENCES]: next }, label })
  const take = async (files: readonly File[]) => {
    const pictures = files.filter((file) => file.type.startsWith('image/'))
    if (pictures.length === 0) return
    setBusy(true)
    try {
      const sent = await Promise.all(
        pictures.slice(0, MOST_REFERENCES).map((file) => uploadInput(file, file.name)),
      )
      await remake(withMore(names, sent.map(inputName)))
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
    } finally {
      setBusy(false)
    }
  }
  const drop = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    event.stopPropagation()
    void take([...event.dataTransfer.files])
  }
  const move = (from: number, to: number) => form.set(REFERENCES, movedTo(names, from, to), label)
  const full = names.length >= MOST_REFERENCES
  return (
    <fieldset onDrop={drop} onDragOver={(event) => event.preventDefault()} className="flex flex-col gap-1.5">
      <legend className="mb-1.5 text-label font-medium text-muted">{label}</legend>
      <ul className="flex flex-wrap gap-2 empty:hidden">
        {names.map((name, at) => (
          <ReferenceTile
            // biome-ignore lint/suspicious/noArrayIndexKey: the same picture may be there twice.
            key={`${name} ${at}`}
            name={name}
            at={at}
            count={names.length}
            held={held}
            onHold={hold}
            onMove={move}
            onRemove={() => void remake(names.filter((_, other) => other !== at))}
          />
        ))}
        {full ? null : (
          <li className="flex h-16 items-center gap-1 rounded-control border border-dashed px-1">
            <IconButton label={t('Add pictures')} disabled={busy} onClick={() => picker.current?.click()}>
              <ImagePlus size={16} />
            </IconButton>
            <IconButton label={t('Add a result')} disabled={busy} onClick={() => choose(true)}>
              <Images size={16} />
            </IconButton>
          </li>
        )}
      </ul>
      <p className="text-label text-faint">
        {t('The prompt can speak of them by their numbers: "the hat of picture 2".')}
      </p>
      <input
        ref={picker}
        type="file"
        accept="image/*"
        multiple
        className="sr-only"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          void take([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
      {choosing ? (
        <Suspense fallback={null}>
          <ResultPicker
            onPick={(name) => {
              choose(false)
              void remake(withMore(names, [name]))
            }}
            onClose={() => choose(false)}
          />
        </Suspense>
      ) : null}
    </fieldset>
  )
}
