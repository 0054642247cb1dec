import { useMemo } from 'react'
import { edit, useDocuments } from '@/app/documents'
import { useRefusals } from '@/app/run'
import type { Form, FormField } from '@/doc/form'
import { emptyWorkflow } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { Disclosure } from '@/ui/disclosure'
import { FieldControl } from './field-control'
import { completeField, fieldsOf, isShown, readField, writeField } from './field-values'
import { FormElements } from './form-elements'

export interface FormViewProps {
  form: Form
  /** Id of the open document whose workflow holds the values. */
  document: string
  /** Fields that are shown elsewhere are left out. */
  skip?: (field: FormField) => boolean
  disabled?: boolean
}

/** A form over an open document: its values are the workflow's, changed with undo; errors stand at their fields. */
export function FormView({ form, document, skip, disabled }: FormViewProps) {
  const { definitions } = useDefinitions()
  const workflow = useDocuments((state) => state.open[document]?.workflow) ?? emptyWorkflow()
  const refused = useRefused(document)
  const fields = useMemo(() => fieldsOf(form.elements), [form])
  if (!definitions) return null
  const valueAt = (id: string) => {
    const field = fields.find((one) => one.id === id)
    return field && readField(workflow, definitions, field)
  }
  const shown = (field: FormField) => !skip?.(field) && isShown(field, valueAt)
  const draw = (field: FormField) =>
    shown(field) ? (
      <FieldControl
        key={field.id}
        field={completeField(workflow, definitions, field)}
        value={readField(workflow, definitions, field)}
        error={errorAt(refused, field)}
        disabled={disabled}
        onChange={(value) =>
          edit(document, { label: t('Change {{field}}', { field: field.label }), merge: field.id }, (draft) =>
            writeField(draft, definitions, field, value),
          )
        }
      />
    ) : null
  const advanced = form.elements.filter((element) => element.kind === 'field' && element.advanced)
  const basic = form.elements.filter((element) => !advanced.includes(element))
  return (
    <div className="flex flex-col gap-3">
      <FormElements elements={basic} draw={draw} />
      {advanced.some((element) => shown(element as FormField)) ? (
        <Disclosure name="form.advanced" title={t('Advanced')}>
          <FormElements elements={advanced} draw={draw} />
        </Disclosure>
      ) : null}
    </div>
  )
}

type Problems = { node: string; input: string; message: string }[]
const NONE: Problems = []

const useRefused = (document: string): Problems =>
  useRefusals((state) => state.refused[document]?.problems) ?? NONE

const errorAt = (problems: Problems, field: FormField): string | undefined =>
  problems.find((problem) =>
    field.places.some((place) => place.node === problem.node && place.widget === problem.input),
  )?.message
