import { useQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { useEffect, useState } from 'react'
import { queries } from '@/app/connection'
import { edit, useDocuments } from '@/app/documents'
import { sendTo } from '@/app/intents'
import { openWritten, save } from '@/app/saving'
import { readDocument } from '@/doc/read'
import { shownAge, shownBytes, shownDate, t } from '@/i18n/text'
import { loadDefinitions } from '@/net/definitions'
import { listVersions, readVersion, SAVED } from '@/net/workflows'
import { Button } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Dialog } from '@/ui/dialog'
import { EmptyState } from '@/ui/empty-state'
import { ErrorNote } from '@/ui/error-note'
import { Skeleton } from '@/ui/skeleton'
import { toast } from '@/ui/toasts'
import { ChangeList } from './change-list'

/** The saves of a document, and what the open one changed of each. */
export function VersionsDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const document = useDocuments((state) => state.open[id])
  const path = document?.path ?? ''
  const [chosen, setChosen] = useState(0)
  const versions = useQuery({
    queryKey: [...SAVED, 'versions', path],
    queryFn: () => listVersions(path),
    enabled: path !== '',
    staleTime: 0,
  })
  const first = versions.data?.[0]?.number ?? 0
  useEffect(() => setChosen((before) => before || first), [first])
  const content = useQuery({
    queryKey: [...SAVED, 'version', path, chosen],
    queryFn: () => readVersion(path, chosen),
    enabled: chosen > 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (!document) return null
  const showInGraph = async () => {
    onClose()
    const { workflow: before } = readDocument(content.data, await loadDefinitions(queries))
    sendTo('graph', 'compare-with', {
      document: id,
      title: t('Version {{number}}', { number: chosen }),
      before,
    })
  }
  const restore = async () => {
    onClose()
    const { workflow } = readDocument(content.data, await loadDefinitions(queries))
    edit(id, { label: t('Go back to version {{number}}', { number: chosen }) }, () => workflow)
    toast({ text: t('Version {{number}} is open; save to keep it.', { number: chosen }), tone: 'ok' })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={t('Versions of {{title}}', { title: document.title })}
      description={t('Every save is kept, the last fifty of each workflow.')}
      actions={
        chosen > 0 && content.data ? (
          <>
            <Button onClick={() => void showInGraph()}>{t('Show in the graph')}</Button>
            <Button
              onClick={() => {
                onClose()
                void openWritten(
                  content.data,
                  t('{{title}}, version {{number}}', { title: document.title, number: chosen }),
                )
              }}
            >
              {t('Open as a new document')}
            </Button>
            <Button look="primary" onClick={() => void restore()}>
              {t('Go back to this version')}
            </Button>
          </>
        ) : undefined
      }
    >
      {path === '' || versions.data?.length === 0 ? (
        <EmptyState
          icon={<History strokeWidth={1.5} />}
          title={t('Not saved yet')}
          actions={
            <Button
              look="primary"
              onClick={() => {
                onClose()
                void save(id)
              }}
            >
              {t('Save')}
            </Button>
          }
        >
          {t('Versions begin with the first save. Until then a draft is kept in this browser.')}
        </EmptyState>
      ) : versions.error ? (
        <ErrorNote title={t('The versions could not be read.')}>{versions.error.message}</ErrorNote>
      ) : (
        <div className="grid h-full grid-cols-[14rem_1fr] gap-4 max-sm:h-auto max-sm:grid-cols-1">
          <ul aria-label={t('Versions')} className="flex flex-col gap-1 overflow-auto max-sm:max-h-48">
            {versions.data?.map((version) => (
              <li key={version.number}>
                <button
                  type="button"
                  aria-pressed={version.number === chosen}
                  onClick={() => setChosen(version.number)}
                  title={shownDate(version.saved)}
                  className={classes(
                    'w-full rounded-control px-3 py-2 text-start',
                    version.number === chosen ? 'bg-accent-soft text-text' : 'text-muted hover:bg-hover',
                  )}
                >
                  <span className="block text-body font-medium">
                    {t('Version {{number}}', { number: version.number })}
                  </span>
                  <span className="block text-label">
                    {shownAge(version.saved)} · {shownBytes(version.size)}
                  </span>
                </button>
              </li>
            )) ?? <Skeleton className="h-12" />}
          </ul>
          <section aria-label={t('What differs')} className="min-w-0 overflow-auto">
            <h3 className="mb-2 text-label font-medium text-muted">
              {t('From this version to what is open')}
            </h3>
            {content.data ? (
              <ChangeList before={content.data} after={document.workflow} />
            ) : (
              <Skeleton className="h-24" />
            )}
          </section>
        </div>
      )}
    </Dialog>
  )
}
