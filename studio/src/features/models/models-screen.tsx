import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useIntents } from '@/app/intents'
import { goTo } from '@/app/navigation'
import type { ScreenProps } from '@/app/screens'
import { useMay } from '@/app/session'
import { t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { ScreenHeader } from '@/ui/screen-frame'
import { Tabs } from '@/ui/tabs'
import { AddDialog, type AddWish } from './add-dialog'
import { Downloads } from './downloads'
import { DropZone } from './drop-zone'
import { Find } from './find'
import { Folders } from './folders'
import { Installed } from './installed'
import { MissingDialog } from './missing-dialog'
import { isGoing, usePulls } from './model-data'
import { uploadModel, useUploads } from './upload'

type Tab = 'installed' | 'find' | 'downloads' | 'folders'
const TABS: Tab[] = ['installed', 'find', 'downloads', 'folders']

/** What is installed, how more comes, and where it lies. */
export default function ModelsScreen({ rest }: ScreenProps) {
  const tab = TABS.find((one) => one === rest) ?? 'installed'
  const [adding, setAdding] = useState<AddWish | null>(null)
  const may = useMay('models')
  const [missing, setMissing] = useState<unknown>(null)
  useIntents('models', ({ name, data }) => {
    if (name === 'missing') setMissing(data.workflow)
    else if (data.file instanceof File) {
      void uploadModel(data.file)
      goTo('models', 'downloads')
    } else setAdding({ reference: String(data.reference ?? '') })
  })
  const add = (wish: AddWish = {}) => setAdding(wish)
  return (
    <DropZone>
      <ScreenHeader
        title={t('Models')}
        actions={
          may ? (
            <Button look="primary" icon={<Plus size={16} aria-hidden="true" />} onClick={() => add()}>
              {t('Add model')}
            </Button>
          ) : (
            <span className="text-label text-faint">{t('This key may look at models, not fetch them.')}</span>
          )
        }
      />
      <Tabs
        label={t('Views of models')}
        value={tab}
        onChange={(next) => goTo('models', next === 'installed' ? '' : next)}
        className="min-h-0 flex-1 bg-surface [&>[role=tabpanel]]:bg-bg [&>div:first-child]:px-4 max-sm:[&>div:first-child]:px-2"
        tabs={[
          { value: 'installed', label: t('Installed') },
          { value: 'find', label: t('Find') },
          { value: 'downloads', label: <DownloadsLabel /> },
          { value: 'folders', label: t('Folders') },
        ]}
      >
        {tab === 'installed' ? <Installed onAdd={add} /> : null}
        {tab === 'find' ? <Find onAdd={add} /> : null}
        {tab === 'downloads' ? <Downloads onAdd={add} /> : null}
        {tab === 'folders' ? <Folders onAdd={add} /> : null}
      </Tabs>
      {adding ? <AddDialog wish={adding} onClose={() => setAdding(null)} /> : null}
      {missing ? <MissingDialog workflow={missing} onClose={() => setMissing(null)} /> : null}
    </DropZone>
  )
}

function DownloadsLabel() {
  const { data: pulls = [] } = usePulls()
  const sending = useUploads((state) => state.uploads.filter((upload) => upload.state === 'sending').length)
  const going = pulls.filter(isGoing).length + sending
  return (
    <span className="flex items-center gap-2">
      {t('Downloads')}
      {going > 0 ? <Badge tone="accent">{going}</Badge> : null}
    </span>
  )
}
