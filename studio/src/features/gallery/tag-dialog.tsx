import { useState } from 'react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { changePictures } from './pictures'
import { TagField } from './tag-field'

/** Tags that are put on all chosen pictures. */
export function TagDialog({ ids, onClose }: { ids: string[]; onClose: () => void }) {
  const [tags, setTags] = useState<string[]>([])
  const apply = (change: 'add_tags' | 'remove_tags') => {
    onClose()
    void changePictures(ids, { [change]: tags })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('Tags of {{count}} pictures', { count: ids.length })}
      actions={
        <>
          <Button disabled={tags.length === 0} onClick={() => apply('remove_tags')}>
            {t('Take away')}
          </Button>
          <Button look="primary" disabled={tags.length === 0} onClick={() => apply('add_tags')}>
            {t('Add')}
          </Button>
        </>
      }
    >
      <TagField
        focused
        tags={tags}
        onAdd={(tag) => setTags([...new Set([...tags, tag])])}
        onRemove={(tag) => setTags(tags.filter((other) => other !== tag))}
      />
    </Dialog>
  )
}
