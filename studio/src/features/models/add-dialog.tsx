import { FileUp, FolderSearch, Link2 } from 'lucide-react'
import { useState } from 'react'
import { t } from '@/i18n/text'
import { Dialog } from '@/ui/dialog'
import { Tabs } from '@/ui/tabs'
import { AddFile } from './add-file'
import { AddFolder } from './add-folder'
import { AddLink } from './add-link'

export type AddWay = 'link' | 'file' | 'folder'

export interface AddWish {
  reference?: string
  way?: AddWay
}

/** The three ways by which a model comes: a link, a file, a folder that is there already. */
export function AddDialog({ wish, onClose }: { wish: AddWish; onClose: () => void }) {
  const [way, setWay] = useState<AddWay>(wish.way ?? 'link')
  return (
    <Dialog open onClose={onClose} title={t('Add model')} size="medium">
      <Tabs
        label={t('Ways to add a model')}
        value={way}
        onChange={setWay}
        className="-mx-2 min-h-80"
        tabs={[
          { value: 'link', label: <Way icon={Link2} text={t('Link or name')} /> },
          { value: 'file', label: <Way icon={FileUp} text={t('File')} /> },
          { value: 'folder', label: <Way icon={FolderSearch} text={t('Folder')} /> },
        ]}
      >
        <div className="flex flex-col gap-4 px-2 pt-4 pb-1">
          {way === 'link' ? <AddLink reference={wish.reference ?? ''} onDone={onClose} /> : null}
          {way === 'file' ? <AddFile onDone={onClose} /> : null}
          {way === 'folder' ? <AddFolder onDone={onClose} /> : null}
        </div>
      </Tabs>
    </Dialog>
  )
}

const Way = ({ icon: Icon, text }: { icon: typeof Link2; text: string }) => (
  <span className="flex items-center gap-2">
    <Icon size={16} strokeWidth={1.5} aria-hidden="true" />
    {text}
  </span>
)
