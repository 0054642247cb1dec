import { Play, Square } from 'lucide-react'
import { useMemo } from 'react'
import { useDocuments } from '@/app/documents'
import { sendTo } from '@/app/intents'
import { isLive, jobsOfDocument, progressOf, useJobs } from '@/app/jobs'
import { cancelJobs, run, useRefusals } from '@/app/run'
import { runNow } from '@/app/run-now'
import { useRuns, useRunTarget } from '@/app/run-target'
import type { Definitions } from '@/doc/definitions'
import type { Form } from '@/doc/form'
import { readPlace } from '@/doc/widgets'
import { FormView } from '@/form/form-view'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Panel } from '@/ui/panel'
import { useMedia } from '@/ui/use-media'
import { fieldsIn } from './app-data'
import { AppOutput } from './app-output'

export interface AppRunProps {
  app: string
  title: string
  form: Form
  /** Id of the open document. */
  document: string
  definitions: Definitions
}

/** The form and what comes of it: side by side; on a phone below each other, with Run where the thumb is. */
export function AppRun({ title, form, document, definitions }: AppRunProps) {
  const missing = useMissingField(form, document, definitions)
  const target = useMemo(
    () => ({
      label: t('Run'),
      ...(missing ? { reason: t('{{field}} is needed.', { field: missing }) } : {}),
      run: (wish: Parameters<typeof run>[1]) => run(document, { ...wish, targets: targetsOf(form), title }),
    }),
    [document, form, title, missing],
  )
  useRuns(target)
  const isPhone = useMedia('(max-width: 639px)')
  const fields = (
    <div className="flex flex-col gap-4 p-4">
      <Refused document={document} />
      {form.elements.length > 0 ? (
        <FormView form={form} document={document} />
      ) : (
        <p className="text-body text-muted">{t('This app asks for nothing. Run it.')}</p>
      )}
    </div>
  )
  if (isPhone)
    return (
      <div className="min-h-0 flex-1 overflow-auto">
        {fields}
        <AppOutput document={document} />
        <PhoneRun document={document} />
      </div>
    )
  return (
    <div className="flex min-h-0 flex-1">
      <Panel name="apps.form" side="left" size={400} min={300} max={640} label={t('Form')}>
        {fields}
      </Panel>
      <AppOutput document={document} />
    </div>
  )
}

/** Output nodes of the body itself can be asked for; those inside subgraphs run anyway. */
const targetsOf = (form: Form): string[] => form.outputs.filter((id) => /^\d+$/.test(id))

/** The label of the first required field that is empty. */
function useMissingField(form: Form, document: string, definitions: Definitions): string {
  return useDocuments((state) => {
    const workflow = state.open[document]?.workflow
    const required = fieldsIn(form.elements).filter((field) => field.required)
    const empty = required.find((field) => {
      const value = workflow && field.places[0] && readPlace(workflow, definitions, field.places[0])
      return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
    })
    return empty?.label ?? ''
  })
}

function Refused({ document }: { document: string }) {
  const refused = useRefusals((state) => state.refused[document])
  if (!refused) return null
  const said = [...new Set(refused.problems.map((problem) => problem.message))].slice(0, 4)
  const lacks = refused.problems.some((problem) => problem.code === 'value_not_in_list')
  return (
    <ErrorNote
      title={t('It was not queued.')}
      actions={
        lacks ? (
          <Button
            small
            onClick={() =>
              sendTo('models', 'missing', { workflow: useDocuments.getState().open[document]?.workflow })
            }
          >
            {t('Find what is missing')}
          </Button>
        ) : undefined
      }
    >
      {said.length > 0 ? (
        <ul className="flex flex-col gap-1">
          {said.map((message) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      ) : (
        refused.message
      )}
    </ErrorNote>
  )
}

function PhoneRun({ document }: { document: string }) {
  const target = useRunTarget((state) => state.target)
  const live = useJobs((state) =>
    jobsOfDocument(state, document)
      .filter(isLive)
      .map((job) => job.id)
      .join(' '),
  )
  const progress = useJobs((state) => {
    const running = jobsOfDocument(state, document).find((job) => job.state === 'running')
    return running ? progressOf(running) : 0
  })
  return (
    <div className="sticky bottom-0 z-20 flex gap-2 border-t bg-surface p-3">
      <Button
        look="primary"
        className="relative flex-1 overflow-hidden"
        icon={<Play size={14} fill="currentColor" aria-hidden="true" className="relative" />}
        disabled={Boolean(target?.reason)}
        onClick={() => {
          void runNow()
          globalThis.document.querySelector('[data-app-result]')?.scrollIntoView({ behavior: 'smooth' })
        }}
      >
        {progress > 0 ? (
          <span
            aria-hidden="true"
            className="absolute inset-y-0 start-0 bg-white/20 transition-[width] duration-180"
            style={{ width: `${progress * 100}%` }}
          />
        ) : null}
        <span className="relative">{target?.reason || target?.label || t('Run')}</span>
      </Button>
      {live ? (
        <IconButton label={t('Cancel')} look="plain" onClick={() => void cancelJobs(live.split(' '))}>
          <Square size={16} fill="currentColor" className="text-err" />
        </IconButton>
      ) : null}
    </div>
  )
}
