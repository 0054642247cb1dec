import { useEffect, useMemo, useState } from 'react'
import { documentId, openApp } from '@/app/app-documents'
import { useDocuments } from '@/app/documents'
import { type App, fieldsIn, openedApp, useApp } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import { type Form, type FormField, formOf } from '@/doc/form'
import { FormView } from '@/form/form-view'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { ErrorNote } from '@/ui/error-note'
import { Field } from '@/ui/field'
import { Select } from '@/ui/select'
import { Skeleton } from '@/ui/skeleton'
import { missingField } from './run-app'

/** An app that can be run as it stands, or lacks a field. */
export interface AppReady {
  document: string
  title: string
  form: Form
  field: FormField
  definitions: Definitions
  /** The label of a field that must be filled first. */
  missing: string
}

interface Props {
  name: string
  onReady: (ready: AppReady | null) => void
}

/** What an app asks for besides the picture. Its values stay while the page is open, apart from those of its own screen. */
export function AppForm({ name, onReady }: Props) {
  const { data: app, error } = useApp(name)
  const { definitions } = useDefinitions()
  const id = documentId(`${name}@canvas`)
  const isOpen = useDocuments((state) => id in state.open)
  const [fault, setFault] = useState('')
  useEffect(() => {
    if (!app || !definitions) return
    try {
      openApp(`${name}@canvas`, app.title, openedApp(app, definitions))
    } catch (reason) {
      setFault((reason as Error).message)
    }
  }, [app, definitions, name])
  if (error || fault)
    return <ErrorNote title={t('This app cannot be opened.')}>{fault || error?.message}</ErrorNote>
  if (!app || !definitions || !isOpen) return <Skeleton className="h-32" />
  return <OpenForm app={app} document={id} definitions={definitions} onReady={onReady} />
}

interface OpenProps {
  app: App
  document: string
  definitions: Definitions
  onReady: (ready: AppReady | null) => void
}

function OpenForm({ app, document, definitions, onReady }: OpenProps) {
  const workflow = useDocuments((state) => state.open[document]!.workflow)
  const stored = workflow.extra?.studio?.form
  // biome-ignore lint/correctness/useExhaustiveDependencies: the form changes only where it is stored anew.
  const form = useMemo((): Form => formOf(workflow, definitions), [stored, definitions])
  const fields = useMemo(() => fieldsIn(form.elements), [form])
  const pictures = fields.filter((field) => field.control.type === 'image')
  const [into, setInto] = useState('')
  const field = pictures.find(({ id }) => id === into) ?? pictures[0]
  const missing = useDocuments(() => (field ? missingField(document, fields, field, definitions) : ''))
  const { title } = app
  useEffect(() => {
    onReady(field ? { document, title, form, field, definitions, missing } : null)
  }, [document, title, form, field, definitions, missing, onReady])
  if (!field)
    return <ErrorNote title={t('This app cannot be opened.')}>{t('It asks for no picture.')}</ErrorNote>
  return (
    <div className="flex flex-col gap-4">
      {pictures.length > 1 ? (
        <Field label={t('The picture goes into')}>
          {({ id }) => (
            <Select
              id={id}
              label={t('The picture goes into')}
              value={field.id}
              onChange={setInto}
              choices={pictures.map((one) => ({ value: one.id, label: one.label }))}
            />
          )}
        </Field>
      ) : null}
      <FormView form={form} document={document} skip={({ id }) => id === field.id} />
    </div>
  )
}
