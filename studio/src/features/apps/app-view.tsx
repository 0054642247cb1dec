import { useQuery } from '@tanstack/react-query'
import { ArrowLeft, Pencil, RotateCcw, Share2, Waypoints } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { edit, useDocuments } from '@/app/documents'
import { sendTo } from '@/app/intents'
import { goTo } from '@/app/navigation'
import type { Definitions } from '@/doc/definitions'
import { type Form, formOf } from '@/doc/form'
import { writePlace } from '@/doc/widgets'
import { t } from '@/i18n/text'
import { postJson } from '@/net/api'
import { useDefinitions } from '@/net/definitions'
import { inputName } from '@/net/files'
import { Button, IconButton } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { ErrorNote } from '@/ui/error-note'
import { Segmented } from '@/ui/segmented'
import { Skeleton } from '@/ui/skeleton'
import { ApiPanel } from './api-panel'
import { Favourite } from './app-card'
import { type App, fieldsIn, openedApp, useApp } from './app-data'
import { documentId, openApp } from './app-documents'
import { AppRun } from './app-run'
import { useFirstPicture } from './first-picture'
import { RemoveApp } from './remove-app'
import { ShareDialog } from './share-dialog'

/** One app: read from the server, opened as a document, shown as a form with its result. */
export function AppView({ name }: { name: string }) {
  const { data: app, error, refetch } = useApp(name)
  const { definitions } = useDefinitions()
  const isOpen = useDocuments((state) => documentId(name) in state.open)
  const fault = useOpening(app, definitions)
  if (error)
    return (
      <EmptyState
        title={t('There is no app {{name}}.', { name })}
        actions={
          <>
            <Button onClick={() => goTo('apps')}>{t('All apps')}</Button>
            <Button onClick={() => void refetch()}>{t('Try again')}</Button>
          </>
        }
      >
        {error.message}
      </EmptyState>
    )
  if (fault)
    return (
      <EmptyState
        title={t('This app cannot be opened.')}
        actions={<Button onClick={() => goTo('apps')}>{t('All apps')}</Button>}
      >
        {fault}
      </EmptyState>
    )
  if (!app || !definitions || !isOpen)
    return (
      <div className="flex h-full gap-4 p-6">
        <Skeleton className="h-full w-96 max-sm:w-full" />
        <Skeleton className="h-full flex-1 max-sm:hidden" />
      </div>
    )
  return <OpenApp app={app} definitions={definitions} />
}

/** Opens the document of an app once all is known; says why if it cannot be. */
function useOpening(app: App | undefined, definitions: Definitions | undefined): string {
  const [fault, setFault] = useState('')
  const take = useFirstPicture((state) => state.take)
  useEffect(() => {
    if (!app || !definitions) return
    try {
      const id = openApp(app.name, app.title, openedApp(app, definitions))
      const file = take(app.name)
      const form = formOf(useDocuments.getState().open[id]!.workflow, definitions)
      const field = file && fieldsIn(form.elements).find((entry) => entry.control.type === 'image')
      if (file && field)
        edit(id, { label: t('Use a picture') }, (draft) => {
          for (const place of field.places) writePlace(draft, definitions, place, inputName(file))
        })
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error))
    }
  }, [app, definitions, take])
  return fault
}

function OpenApp({ app, definitions }: { app: App; definitions: Definitions }) {
  const id = documentId(app.name)
  const workflow = useDocuments((state) => state.open[id]!.workflow)
  const stored = workflow.extra?.studio?.form
  // biome-ignore lint/correctness/useExhaustiveDependencies: the form changes only where it is stored anew.
  const form = useMemo((): Form => formOf(workflow, definitions), [stored, definitions])
  const [part, setPart] = useState<'run' | 'api'>('run')
  return (
    <div className="flex h-full flex-col">
      <AppHeader app={app} part={part} onPart={setPart} definitions={definitions} />
      <Missing app={app} />
      {part === 'run' ? (
        <AppRun app={app.name} title={app.title} form={form} document={id} definitions={definitions} />
      ) : (
        <ApiPanel app={app} form={form} document={id} definitions={definitions} />
      )}
    </div>
  )
}

function AppHeader({
  app,
  part,
  onPart,
  definitions,
}: {
  app: App
  part: 'run' | 'api'
  onPart: (part: 'run' | 'api') => void
  definitions: Definitions
}) {
  const [sharing, setSharing] = useState(false)
  const id = documentId(app.name)
  const workflow = () => useDocuments.getState().open[id]?.workflow
  return (
    <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b bg-surface px-4 py-2">
      <IconButton label={t('All apps')} onClick={() => goTo('apps')}>
        <ArrowLeft size={18} strokeWidth={1.5} className="rtl:-scale-x-100" />
      </IconButton>
      <div className="min-w-0 flex-1">
        <h1 className="truncate text-section font-semibold">{app.title}</h1>
        {app.description ? (
          <p className="truncate text-label text-muted max-sm:hidden">{app.description}</p>
        ) : null}
      </div>
      <Segmented
        label={t('View')}
        value={part}
        onChange={onPart}
        segments={[
          { value: 'run', label: t('App') },
          { value: 'api', label: t('API') },
        ]}
        className="w-32 max-sm:hidden"
      />
      <div className="flex items-center gap-1">
        <Favourite app={app.name} />
        <IconButton
          label={t('Begin anew')}
          onClick={() => openApp(app.name, app.title, openedApp(app, definitions), true)}
        >
          <RotateCcw size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton
          label={t('Open as graph')}
          onClick={() => sendTo('graph', 'open-workflow', { workflow: workflow(), title: app.title })}
        >
          <Waypoints size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton label={t('Edit the app')} onClick={() => goTo('apps', `build/${id}`)}>
          <Pencil size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton label={t('Share')} onClick={() => setSharing(true)}>
          <Share2 size={16} strokeWidth={1.5} />
        </IconButton>
        {app.builtin ? null : <RemoveApp app={app} />}
      </div>
      <ShareDialog open={sharing} onClose={() => setSharing(false)} app={app} workflow={workflow} />
    </header>
  )
}

interface Check {
  missing?: { models?: unknown[]; nodes?: unknown[] }
}

/** What the app needs that is not here. */
function Missing({ app }: { app: App }) {
  const { data } = useQuery({
    queryKey: ['apps', app.name, 'check'],
    queryFn: () =>
      postJson<Check>(`/apps/${encodeURIComponent(app.name)}/check`, {}).catch(() => ({}) as Check),
    staleTime: 60_000,
  })
  const models = data?.missing?.models?.length ?? 0
  const nodes = data?.missing?.nodes?.length ?? 0
  if (models + nodes === 0) return null
  const workflow = () => useDocuments.getState().open[documentId(app.name)]?.workflow
  return (
    <div className="p-4 pb-0">
      <ErrorNote
        title={
          models > 0
            ? t('This app needs models that are not here.')
            : t('This app needs nodes that are not here.')
        }
        actions={
          models > 0 ? (
            <Button small onClick={() => sendTo('models', 'missing', { workflow: workflow() })}>
              {t('Find what is missing')}
            </Button>
          ) : undefined
        }
      />
    </div>
  )
}
