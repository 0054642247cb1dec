import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GALLERY } from '@/app/jobs'
import { t } from '@/i18n/text'
import { fileOfInput, fileUrl, listFiles } from '@/net/files'
import { Dialog } from '@/ui/dialog'
import { Segmented } from '@/ui/segmented'
import { Skeleton } from '@/ui/skeleton'

const SHOWN = 120
const PICTURE = /\.(png|jpe?g|webp|avif|gif|bmp|tiff?)$/i

/** Chooses one of the last results, or of what was sent before. */
export default function ResultPicker({
  onPick,
  onClose,
}: {
  onPick: (value: string) => void
  onClose: () => void
}) {
  const [folder, setFolder] = useState<'output' | 'input'>('output')
  const { data } = useQuery({
    queryKey: [...GALLERY, 'files', folder],
    queryFn: () => listFiles(folder),
  })
  const pictures = data
    ?.map((name) => name.replace(/ \[(input|output|temp)\]$/, ''))
    .filter((name) => PICTURE.test(name))
    .slice(0, SHOWN)
  return (
    <Dialog open onClose={onClose} title={t('Choose a picture')} size="medium">
      <Segmented
        label={t('Which pictures')}
        value={folder}
        onChange={setFolder}
        segments={[
          { value: 'output', label: t('Results') },
          { value: 'input', label: t('Sent before') },
        ]}
        className="mb-3 w-64 max-w-full"
      />
      <div className="grid grid-cols-[repeat(auto-fill,minmax(96px,1fr))] gap-2">
        {pictures?.map((name) => {
          const value = folder === 'output' ? `${name} [output]` : name
          return (
            <button
              key={name}
              type="button"
              title={name}
              aria-label={t('Use {{name}}', { name })}
              onClick={() => onPick(value)}
              className="checker aspect-square overflow-hidden rounded-control border hover:border-accent"
            >
              <img
                src={`${fileUrl(fileOfInput(value))}&preview=webp;70`}
                alt=""
                loading="lazy"
                className="size-full object-cover"
              />
            </button>
          )
        })}
        {pictures ? null : [0, 1, 2, 3, 4].map((at) => <Skeleton key={at} className="aspect-square" />)}
      </div>
      {pictures?.length === 0 ? (
        <p className="py-8 text-center text-body text-muted">{t('Nothing here yet.')}</p>
      ) : null}
    </Dialog>
  )
}
