import { FileUp, ImageOff, Images, SearchX, Trash2 } from 'lucide-react'
import { useRef } from 'react'
import { goTo } from '@/app/navigation'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { importPictures } from './pictures'
import { EVERYTHING, useWanted, type Wanted } from './wanted'

/** Why there is nothing to see, and what brings something here. */
export function EmptyGallery({ wanted }: { wanted: Wanted }) {
  const files = useRef<HTMLInputElement>(null)
  const back = (
    <Button onClick={() => useWanted.setState({ ...EVERYTHING, order: wanted.order })}>
      {t('Show all')}
    </Button>
  )
  if (wanted.trash && !wanted.text)
    return (
      <EmptyState icon={<Trash2 />} title={t('The trash is empty')} actions={back}>
        {t('What is deleted stays here for thirty days.')}
      </EmptyState>
    )
  if (wanted.text)
    return (
      <EmptyState icon={<SearchX />} title={t('Nothing found')} actions={back}>
        {t('No picture here matches “{{text}}”.', { text: wanted.text })}
      </EmptyState>
    )
  if (wanted.board || wanted.extra)
    return (
      <EmptyState icon={<ImageOff />} title={t('Nothing here')} actions={back}>
        {wanted.board
          ? t('Drag pictures onto the board, or choose some and move them here.')
          : t('No picture is of this kind yet.')}
      </EmptyState>
    )
  return (
    <div className="m-6 flex flex-1 items-center justify-center rounded-dialog border-2 border-dashed max-sm:m-4">
      <EmptyState
        icon={<Images />}
        title={t('Your pictures gather here')}
        actions={
          <>
            <Button look="primary" onClick={() => goTo('create')}>
              {t('Run your first')}
            </Button>
            <Button icon={<FileUp size={16} aria-hidden="true" />} onClick={() => files.current?.click()}>
              {t('Import files…')}
            </Button>
            <input
              ref={files}
              type="file"
              multiple
              hidden
              accept="image/*,video/*,audio/*"
              onChange={(event) => void importPictures([...(event.target.files ?? [])], '')}
            />
          </>
        }
      >
        {t(
          'Everything you make is kept here with its settings. Drop files or a folder to bring in older ones.',
        )}
      </EmptyState>
    </div>
  )
}
