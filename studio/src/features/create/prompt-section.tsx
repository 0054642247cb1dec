import { lazy, Suspense, useState } from 'react'
import { PromptField } from '@/form/prompt/prompt-field'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { usePreference } from '@/ui/remembered'
import { StyleChips } from './style-chips'
import type { RecipeForm } from './use-recipe'

const TokenCount = lazy(() => import('@/form/prompt/token-count'))

/** What to draw, and, where the model listens to it, what not to. */
export function PromptSection({ form }: { form: RecipeForm }) {
  const negative = form.value('prompt.negative', '')
  const [wanted, want] = usePreference('create.negative', false)
  const [opened, open] = useState(false)
  const shown = form.has('prompt.negative') && (wanted || opened || negative !== '')
  return (
    <div className="flex flex-col gap-3">
      <Field
        label={form.task === 'edit' ? t('What to change') : t('Prompt')}
        aside={
          <>
            <Suspense fallback={null}>
              <TokenCount text={form.value('prompt.positive', '')} atOnce={form.model?.tokens ?? 0} />
            </Suspense>
            {form.has('prompt.negative') && !shown ? (
              <Button
                look="quiet"
                small
                onClick={() => {
                  want(true)
                  open(true)
                }}
              >
                {t('Add a negative')}
              </Button>
            ) : null}
          </>
        }
      >
        {({ id }) => (
          <PromptField
            id={id}
            label={t('Prompt')}
            value={form.value('prompt.positive', '')}
            onChange={(text) => form.set('prompt.positive', text, t('Prompt'))}
            placeholder={t('What should the picture show?')}
          />
        )}
      </Field>
      <StyleChips form={form} />
      {shown ? (
        <Field
          label={t('Negative prompt')}
          help={t('What the picture should not show.')}
          aside={
            negative === '' ? (
              <Button
                look="quiet"
                small
                onClick={() => {
                  want(false)
                  open(false)
                }}
              >
                {t('Hide')}
              </Button>
            ) : null
          }
        >
          {({ id }) => (
            <PromptField
              id={id}
              label={t('Negative prompt')}
              value={negative}
              onChange={(text) => form.set('prompt.negative', text, t('Negative prompt'))}
              lines={[1, 6]}
            />
          )}
        </Field>
      ) : null}
    </div>
  )
}
