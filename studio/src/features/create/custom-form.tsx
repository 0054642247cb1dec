import { Undo2 } from 'lucide-react'
import { useMemo } from 'react'
import type { OpenDocument } from '@/app/documents'
import { goTo } from '@/app/navigation'
import type { Definitions } from '@/doc/definitions'
import { formOf } from '@/doc/form'
import { FormView } from '@/form/form-view'
import type { RecipeList } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { recipeOf } from './recipe-document'
import { RefusalNote } from './refusal-note'
import { remakeDocument } from './use-recipe'

export interface CustomFormProps {
  document: OpenDocument
  definitions: Definitions
  list: RecipeList | undefined
}

/** A workflow that is no recipe, or no longer: its own fields, and the way back. */
export function CustomForm({ document, definitions, list }: CustomFormProps) {
  const { workflow } = document
  // The form hangs on nodes and links, not on values: it is found anew only when those change.
  const shape =
    workflow.nodes.map((node) => `${node.id}${node.type}${node.mode ?? 0}`).join() + workflow.links.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  const form = useMemo(() => formOf(workflow, definitions), [shape, workflow.extra, definitions])
  const recipe = recipeOf(workflow)
  return (
    <div className="flex flex-col gap-4 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <Badge tone="info">{recipe ? t('Custom') : t('Workflow')}</Badge>
        {form.suggested ? <Badge>{t('Suggested form')}</Badge> : null}
        <Button small look="quiet" className="ms-auto" onClick={() => goTo('graph', document.id)}>
          {t('Show the graph')}
        </Button>
      </div>
      <RefusalNote document={document.id} />
      {form.elements.length > 0 ? (
        <FormView form={form} document={document.id} />
      ) : (
        <p className="text-body text-muted">
          {t('There is nothing to fill in here. The graph shows all of it.')}
        </p>
      )}
      {list ? (
        <Button
          icon={<Undo2 size={16} aria-hidden="true" />}
          onClick={() =>
            void remakeDocument(document.id, definitions, list, {
              task: recipe?.task ?? 'text',
              model: recipe?.model ?? list.default,
              values: {},
              label: t('Back to recipe'),
            })
          }
        >
          {t('Back to recipe')}
        </Button>
      ) : null}
    </div>
  )
}
