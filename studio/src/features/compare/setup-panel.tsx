import { FilePlus2 } from 'lucide-react'
import { queries } from '@/app/connection'
import { openDocument } from '@/app/documents'
import { fromApi } from '@/doc/read'
import type { ApiPrompt } from '@/doc/workflow'
import { shownBytes, shownDuration, shownNumber, t } from '@/i18n/text'
import { postJson } from '@/net/api'
import { loadDefinitions } from '@/net/definitions'
import { Button } from '@/ui/button'
import { Combobox } from '@/ui/combobox'
import { Field } from '@/ui/field'
import { toast } from '@/ui/toasts'
import { AddAxis, AxisEditor } from './axis-editor'
import { openSource, useSources } from './sources'
import type { Setup } from './use-setup'

/** Opens what the server draws with by itself, so that there is something to compare. */
async function openRecipe(): Promise<void> {
  try {
    const [recipe, definitions] = await Promise.all([
      postJson<{ prompt: ApiPrompt; title: string }>('/limner/recipes/text', { values: {} }),
      loadDefinitions(queries),
    ])
    openDocument({ workflow: fromApi(recipe.prompt, definitions), title: recipe.title, dirty: true })
  } catch (error) {
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
  }
}

/** What is compared, along which axes, and what that would take. */
export function SetupPanel({ setup }: { setup: Setup }) {
  const sources = useSources()
  return (
    <div className="flex flex-col gap-4 p-4">
      <Field
        label={t('Compare')}
        help={t('An open document or an app: its settings change from cell to cell.')}
      >
        {(ids) =>
          sources.length > 0 ? (
            <Combobox
              id={ids.id}
              label={t('Compare')}
              placeholder={t('Choose a document or an app')}
              value={setup.document}
              onChange={(source) => void openSource(source).then((id) => id && setup.choose(id))}
              choices={sources}
            />
          ) : null
        }
      </Field>
      {setup.document ? null : (
        <Button
          icon={<FilePlus2 size={14} aria-hidden="true" />}
          className="w-full"
          onClick={() => void openRecipe()}
        >
          {t('Start with a new picture')}
        </Button>
      )}
      {setup.document
        ? setup.drafts.map((draft, slot) =>
            draft ? (
              <AxisEditor
                // biome-ignore lint/suspicious/noArrayIndexKey: an axis is its place.
                key={slot}
                slot={slot}
                draft={draft}
                targets={setup.targets}
                onChange={(next) => setup.change(slot, next)}
                onRemove={() => setup.change(slot, null)}
              />
            ) : (
              <AddAxis
                // biome-ignore lint/suspicious/noArrayIndexKey: an axis is its place.
                key={slot}
                slot={slot}
                onAdd={() => setup.change(slot, { target: '', mode: 'values', text: '' })}
              />
            ),
          )
        : null}
      {setup.document ? <Outlook setup={setup} /> : null}
    </div>
  )
}

/** How many pictures there will be, how long that takes, how much room they need. */
function Outlook({ setup }: { setup: Setup }) {
  const facts: [string, string][] = [
    [t('Pictures'), setup.reason === '' ? shownNumber(setup.count) : '–'],
    [
      t('Time'),
      setup.reason !== ''
        ? '–'
        : setup.expected
          ? t('about {{time}}', { time: shownDuration(setup.expected) })
          : t('not known yet'),
    ],
    [
      t('Disk'),
      setup.reason === '' && setup.bytes > 0 ? t('about {{size}}', { size: shownBytes(setup.bytes) }) : '–',
    ],
  ]
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-t pt-4 text-body">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="text-end tabular">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
