/** The form that is being built: kept in the document's workflow, so that undo and drafts have it. */
import { useMemo } from 'react'
import { edit, useDocuments } from '@/app/documents'
import { withForm } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import { type Form, type FormElement, formOf } from '@/doc/form'
import type { Workflow } from '@/doc/workflow'
import { t } from '@/i18n/text'

export interface Building {
  document: string
  workflow: Workflow
  definitions: Definitions
  form: Form
  change: (label: string, elements: FormElement[], merge?: string) => void
  changeOutputs: (outputs: string[]) => void
}

export function useBuilding(document: string, workflow: Workflow, definitions: Definitions): Building {
  const stored = workflow.extra?.studio?.form
  const nodes = workflow.nodes
  // biome-ignore lint/correctness/useExhaustiveDependencies: a form that is stored does not change with the values.
  const form = useMemo(() => formOf(workflow, definitions), [stored, stored ? null : nodes, definitions])
  return useMemo(() => {
    const store = (label: string, next: Form, merge = '') =>
      edit(document, { label, merge }, () => {
        const now = useDocuments.getState().open[document]
        return now ? withForm(now.workflow, next) : undefined
      })
    return {
      document,
      workflow,
      definitions,
      form,
      change: (label, elements, merge) => store(label, { ...form, elements }, merge),
      changeOutputs: (outputs) => store(t('Change the outputs'), { ...form, outputs }),
    }
  }, [document, workflow, definitions, form])
}
