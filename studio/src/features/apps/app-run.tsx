import { useMemo } from 'react'
import { useDocuments } from '@/app/documents'
import { sendTo } from '@/app/intents'
import { run, useRefusals } from '@/app/run'
import { RunBar } from '@/app/run-bar'
import { useRuns } from '@/app/run-target'
import { fieldsIn } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import type { Form } from '@/doc/form'
import { readPlace } from '@/doc/widgets'
import { FormView } from '@/form/form-view'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Panel } from '@/ui/panel'
import { PHONE, useMedia } from '@/ui/use-media'
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
      document,
      ...(missing ? { reason: t('{{field}} is needed.', { field: missing }) } : {}),
      run: (wish: Parameters<typeof run>[1]) => run(document, { ...wish, targets: targetsOf(form), title }),
    }),
    [document, form, title, missing],
  )
  useRuns(target)
  const isPhone = useMedia(PHONE)
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
        <RunBar
          document={document}
          onRun={() =>
            globalThis.document.querySelector('[data-app-result]')?.scrollIntoView({ behavior: 'smooth' })
          }
        />
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
