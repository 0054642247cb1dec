import { useQuery } from '@tanstack/react-query'
import { FileUp, Search } from 'lucide-react'
import { useState } from 'react'
import { t } from '@/i18n/text'
import { listTemplates } from '@/net/templates'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Input } from '@/ui/input'
import { Tabs } from '@/ui/tabs'
import { DraftRows } from './draft-rows'
import { SavedRows } from './saved-rows'
import { chooseFiles } from './take-files'
import { TemplateRows } from './template-rows'

type Tab = 'saved' | 'drafts' | 'templates'

/** Everything that can be opened: saved workflows, drafts, templates, and files of this computer. */
export function OpenDialog({ onClose }: { onClose: () => void }) {
  const [tab, setTab] = useState<Tab>('saved')
  const [text, setText] = useState('')
  const { data: templates = [] } = useQuery({ queryKey: ['templates'], queryFn: listTemplates })
  const tabs: { value: Tab; label: string }[] = [
    { value: 'saved', label: t('Saved') },
    { value: 'drafts', label: t('Drafts') },
    ...(templates.length > 0 ? [{ value: 'templates' as const, label: t('Templates') }] : []),
  ]
  return (
    <Dialog open onClose={onClose} size="large" title={t('Open a workflow')}>
      <div className="flex h-full flex-col gap-3">
        <div className="flex flex-wrap gap-2">
          <div className="relative min-w-48 flex-1">
            <Search
              size={16}
              aria-hidden="true"
              className="pointer-events-none absolute start-2 top-1/2 -translate-y-1/2 text-faint"
            />
            <Input
              autoFocus
              type="search"
              value={text}
              onChange={setText}
              aria-label={t('Search workflows')}
              placeholder={t('Search workflows')}
              className="ps-8"
            />
          </div>
          <Button
            icon={<FileUp size={16} aria-hidden="true" />}
            onClick={() => {
              onClose()
              chooseFiles()
            }}
          >
            {t('From this computer…')}
          </Button>
        </div>
        <Tabs
          label={t('Where to open from')}
          value={tab}
          onChange={setTab}
          tabs={tabs}
          className="min-h-0 flex-1 overflow-hidden rounded-card border"
        >
          {tab === 'saved' ? <SavedRows text={text} onDone={onClose} /> : null}
          {tab === 'drafts' ? <DraftRows text={text} onDone={onClose} /> : null}
          {tab === 'templates' ? <TemplateRows templates={templates} text={text} onDone={onClose} /> : null}
        </Tabs>
      </div>
    </Dialog>
  )
}
