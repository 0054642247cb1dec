import { useEffect, useState } from 'react'
import { activeDocument, type OpenDocument, useActiveDocument } from '@/app/documents'
import { RunBar } from '@/app/run-bar'
import type { Definitions } from '@/doc/definitions'
import { prefetchRecipes, useRecipeList } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { PHONE, useMedia } from '@/ui/use-media'
import { useCreateIntents } from './create-intents'
import { CustomForm } from './custom-form'
import { FormPanel } from './form-panel'
import { FormSkeleton } from './form-skeleton'
import { kindOf } from './recipe-document'
import { Stage } from './stage'
import { ensureDocument } from './start-document'
import { Workplace } from './workplace'

/** What the form shows first. */
export function prepare(): void {
  prefetchRecipes()
  if (!activeDocument()) ensureDocument().catch(() => undefined)
}

/** The form for pictures: what to draw on the left, the picture in the middle, what this document made on the right. */
export default function CreateScreen() {
  const document = useActiveDocument()
  const { definitions } = useDefinitions()
  const recipes = useRecipeList()
  const narrow = useMedia(PHONE)
  const kind = document ? kindOf(document.workflow) : 'empty'
  const [failed, setFailed] = useState('')
  useEffect(() => {
    if (kind !== 'empty') return
    setFailed('')
    void ensureDocument().catch((error: Error) => setFailed(error.message))
  }, [kind])
  useCreateIntents()
  return (
    <>
      <h1 className="sr-only">{t('Create')}</h1>
      <Workplace
        form={
          document && definitions && kind !== 'empty' ? (
            <Form
              document={document}
              definitions={definitions}
              kind={kind}
              list={recipes.data}
              narrow={narrow}
            />
          ) : (
            <FormSkeleton failed={failed} />
          )
        }
        stage={<Stage document={document?.id ?? ''} narrow={narrow} />}
        narrow={narrow}
        document={document?.id ?? ''}
      />
    </>
  )
}

interface FormProps {
  document: OpenDocument
  definitions: Definitions
  kind: 'recipe' | 'custom'
  list: ReturnType<typeof useRecipeList>['data']
  narrow: boolean
}

function Form({ document, definitions, kind, list, narrow }: FormProps) {
  if (kind === 'custom')
    return (
      <>
        <CustomForm document={document} definitions={definitions} list={list} />
        {narrow ? <RunBar document={document.id} /> : null}
      </>
    )
  if (!list) return <FormSkeleton failed="" />
  return <FormPanel document={document} definitions={definitions} list={list} narrow={narrow} />
}
