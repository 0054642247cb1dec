import { useQuery } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { queries } from '@/app/connection'
import { useDocuments } from '@/app/documents'
import { type Draft, forgetDraft, listDrafts } from '@/app/drafts'
import { goTo } from '@/app/navigation'
import { DEFAULTS, usePreferences } from '@/app/preferences'
import { shownAge, shownBytes, t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { forgetRemembered } from '@/ui/remembered'
import { toast } from '@/ui/toasts'
import { SettingRow } from './setting-row'

const DRAFTS = ['settings', 'drafts'] as const

/** What is kept in this browser and in the trash, with its size, and how it is cleared. */
export function DataSection() {
  const { data: drafts = [] } = useQuery({ queryKey: DRAFTS, queryFn: listDrafts, staleTime: 0 })
  const { data: kept } = useQuery({
    queryKey: ['settings', 'storage'],
    queryFn: async () => (await navigator.storage?.estimate?.())?.usage ?? 0,
    staleTime: 0,
  })
  return (
    <div className="flex flex-col gap-6">
      <div className="rounded-card border bg-surface px-4">
        <SettingRow
          label={t('Kept in this browser')}
          help={t('Drafts, the list of nodes, and how panels were left. Clearing it loses drafts.')}
        >
          {() => <span className="text-body tabular">{shownBytes(kept ?? 0)}</span>}
        </SettingRow>
        <SettingRow label={t('Layout')} help={t('Sizes of panels and open groups.')}>
          {() => (
            <Button
              onClick={() => {
                forgetRemembered()
                toast({ text: t('The layout is as it was at first.'), tone: 'ok' })
              }}
            >
              {t('Reset layout')}
            </Button>
          )}
        </SettingRow>
        <SettingRow label={t('Tips')} help={t('Tips that were dismissed appear again.')}>
          {() => (
            <Button onClick={() => usePreferences.setState({ dismissed: [] })}>{t('Show tips again')}</Button>
          )}
        </SettingRow>
        <SettingRow label={t('All settings')} help={t('Everything on these pages, keys too.')}>
          {() => (
            <Button onClick={() => usePreferences.setState({ ...DEFAULTS })}>
              {t('Reset all settings')}
            </Button>
          )}
        </SettingRow>
        <SettingRow
          label={t('Trash of models')}
          help={t('What was removed waits there until somebody empties it.')}
        >
          {() => <Button onClick={() => goTo('models', 'folders')}>{t('Look into it')}</Button>}
        </SettingRow>
        <SettingRow label={t('Trash of pictures')} help={t('Kept for 30 days.')}>
          {() => <Button onClick={() => goTo('gallery')}>{t('Open the gallery')}</Button>}
        </SettingRow>
      </div>
      <section aria-label={t('Drafts')}>
        <h3 className="mb-1 text-label font-semibold text-muted">{t('Drafts')}</h3>
        {drafts.length === 0 ? <p className="text-body text-muted">{t('There are no drafts.')}</p> : null}
        <ul className={drafts.length > 0 ? 'rounded-card border bg-surface px-4' : ''}>
          {drafts.map((draft) => (
            <DraftRow key={draft.id} draft={draft} />
          ))}
        </ul>
      </section>
    </div>
  )
}

function DraftRow({ draft }: { draft: Draft }) {
  const open = useDocuments((state) => draft.id in state.open)
  return (
    <li className="flex min-h-11 items-center gap-3 border-b text-body last:border-b-0">
      <span className="min-w-0 flex-1 truncate">{draft.title}</span>
      <span className="text-label text-faint">{open ? t('open') : shownAge(draft.touched)}</span>
      <IconButton
        small
        label={t('Forget the draft {{name}}', { name: draft.title })}
        disabled={open}
        onClick={() => void forgetDraft(draft.id).then(() => queries.invalidateQueries({ queryKey: DRAFTS }))}
      >
        <Trash2 size={14} />
      </IconButton>
    </li>
  )
}
