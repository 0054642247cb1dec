import { Play } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { goTo } from '@/app/navigation'
import { type AppEntry, useApps } from '@/app/saved-apps'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { Combobox } from '@/ui/combobox'
import { Dialog } from '@/ui/dialog'
import { ErrorNote } from '@/ui/error-note'
import { Field } from '@/ui/field'
import { usePreference } from '@/ui/remembered'
import { Segmented } from '@/ui/segmented'
import { Skeleton } from '@/ui/skeleton'
import type { CanvasSession } from '../state/session'
import { AppForm, type AppReady } from './app-form'
import { chooseApp, rectOfSource, type SourceKind, useAppSource } from './app-source'
import { runApp } from './run-app'
import { SourcePicture } from './source-picture'

const takesPicture = (app: AppEntry): boolean => app.inputs.some((input) => input.type === 'image')
const close = () => useAppSource.setState({ source: null })

/** Asks which app gets a part of the canvas, and for what else it needs. Results are staged like any other. */
export default function RunAppDialog({ session }: { session: CanvasSession }) {
  const wanted = useAppSource((state) => state.source) ?? 'visible'
  const { data, error, refetch } = useApps()
  const apps = (data ?? []).filter(takesPicture)
  const [last, setLast] = usePreference('canvas.app', '')
  const chosen = apps.find((app) => app.name === last) ?? apps[0]
  const source = useUsable(session, wanted)
  const [ready, setReady] = useState<AppReady | null>(null)
  const { busy, fault, start } = useStart(session, source, ready)
  const reason = !source
    ? t('There is no picture in the box yet.')
    : (ready?.missing && t('{{field}} is needed.', { field: ready.missing })) || ''
  return (
    <Dialog
      open
      onClose={close}
      title={t('Run an app on this')}
      description={t('The result waits below the picture until you accept it.')}
      size="medium"
      actions={
        <>
          {reason && data ? <p className="me-auto self-center text-label text-muted">{reason}</p> : null}
          <Button onClick={close}>{t('Cancel')}</Button>
          <Button
            look="primary"
            icon={<Play size={14} aria-hidden="true" />}
            disabled={!source || !ready || ready.missing !== '' || busy}
            onClick={start}
          >
            {t('Run')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {fault ? <ErrorNote title={t('It was not queued.')}>{fault}</ErrorNote> : null}
        {error ? (
          <ErrorNote
            title={t('The apps could not be read.')}
            actions={
              <Button small onClick={() => void refetch()}>
                {t('Try again')}
              </Button>
            }
          >
            {error.message}
          </ErrorNote>
        ) : null}
        {data && apps.length === 0 ? <NoApps /> : null}
        {apps.length > 0 ? (
          <>
            <SourceChoice session={session} source={source} />
            <Field label={t('App')}>
              {({ id }) => (
                <Combobox
                  id={id}
                  label={t('App')}
                  value={chosen?.name ?? ''}
                  choices={apps.map(({ name, title, description }) => ({
                    value: name,
                    label: title,
                    detail: description,
                  }))}
                  onChange={(name) => {
                    setReady(null)
                    setLast(name)
                  }}
                />
              )}
            </Field>
          </>
        ) : null}
        {!data && !error ? <Skeleton className="h-40" /> : null}
        {chosen ? <AppForm key={chosen.name} name={chosen.name} onReady={setReady} /> : null}
      </div>
    </Dialog>
  )
}

const NoApps = () => (
  <div className="flex flex-col items-start gap-3">
    <p className="text-body text-muted">
      {t('No app asks for a picture yet. Build one from a workflow that loads a picture.')}
    </p>
    <Button onClick={() => goTo('apps')}>{t('All apps')}</Button>
  </div>
)

/** The wanted source, or the next one that has a picture. */
function useUsable(session: CanvasSession, wanted: SourceKind): SourceKind | null {
  const order: SourceKind[] = [wanted, 'selection', 'visible', 'layer']
  return order.find((kind) => rectOfSource(session, kind) !== null) ?? null
}

function useStart(session: CanvasSession, source: SourceKind | null, ready: AppReady | null) {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState('')
  const start = async () => {
    if (!source || !ready) return
    setBusy(true)
    setFault('')
    try {
      const refused = await runApp({ session, source, ...ready })
      if (refused) setFault([refused.message, refused.problems[0]?.message].filter(Boolean).join(' '))
      else close()
    } catch (error) {
      setFault((error as Error).message)
    } finally {
      setBusy(false)
    }
  }
  return { busy, fault, start: () => void start() }
}

/** What the app gets, to see and to change. */
function SourceChoice({ session, source }: { session: CanvasSession; source: SourceKind | null }) {
  const layer = useStore(session.state, () => session.active?.name ?? '')
  const rect = source && rectOfSource(session, source)
  const segment = (value: SourceKind, label: string) => ({
    value,
    label,
    disabled: rectOfSource(session, value) === null,
  })
  return (
    <div className="flex items-center gap-4 max-sm:flex-col max-sm:items-stretch">
      {source && rect ? <SourcePicture session={session} source={source} rect={rect} /> : null}
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <Segmented
          label={t('What the app gets')}
          value={source ?? 'visible'}
          onChange={chooseApp}
          segments={[
            segment('selection', t('Selection')),
            segment('layer', t('Layer')),
            segment('visible', t('Visible')),
          ]}
        />
        <p className="truncate text-label text-muted">
          {rect
            ? [source === 'layer' ? layer : '', `${rect.width} × ${rect.height}`].filter(Boolean).join(' · ')
            : t('There is no picture in the box yet.')}
        </p>
      </div>
    </div>
  )
}
