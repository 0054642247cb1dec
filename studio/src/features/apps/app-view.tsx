import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { documentId } from '@/app/app-documents'
import { edit, useDocuments } from '@/app/documents'
import { sendTo } from '@/app/intents'
import { goTo } from '@/app/navigation'
import { type App, fieldsIn, useApp } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import { type Form, formOf } from '@/doc/form'
import { writePlace } from '@/doc/widgets'
import { t } from '@/i18n/text'
import { postJson } from '@/net/api'
import { useDefinitions } from '@/net/definitions'
import { inputName } from '@/net/files'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { ErrorNote } from '@/ui/error-note'
import { Skeleton } from '@/ui/skeleton'
import { ApiPanel } from './api-panel'
import { AppHeader, type AppPart } from './app-header'
import { AppRun } from './app-run'
import { useFirstPicture } from './first-picture'
import { useKeptValues } from './kept-values'
import { useAppDocument } from './open-app-document'

/** One app: read from the server, opened as a document, shown as a form with its result. */
export function AppView({ name }: { name: string }) {
  const { data: app, error, refetch } = useApp(name)
  const { definitions } = useDefinitions()
  const isOpen = useDocuments((state) => documentId(name) in state.open)
  const fault = useAppDocument(app, definitions)
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

/** Gives the app the picture that another screen sent it. */
function useGivenPicture(app: App, definitions: Definitions, form: Form): void {
  const take = useFirstPicture((state) => state.take)
  useEffect(() => {
    const file = take(app.name)
    const field = file && fieldsIn(form.elements).find((entry) => entry.control.type === 'image')
    if (!file || !field) return
    edit(documentId(app.name), { label: t('Use a picture') }, (draft) => {
      for (const place of field.places) writePlace(draft, definitions, place, inputName(file))
    })
  }, [app.name, definitions, form, take])
}

function OpenApp({ app, definitions }: { app: App; definitions: Definitions }) {
  const id = documentId(app.name)
  const workflow = useDocuments((state) => state.open[id]!.workflow)
  const stored = workflow.extra?.studio?.form
  // biome-ignore lint/correctness/useExhaustiveDependencies: the form changes only where it is stored anew.
  const form = useMemo((): Form => formOf(workflow, definitions), [stored, definitions])
  useGivenPicture(app, definitions, form)
  useKeptValues(app, definitions)
  const [part, setPart] = useState<AppPart>('run')
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
