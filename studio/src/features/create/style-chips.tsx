import { useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { edit } from '@/app/documents'
import { useStyles } from '@/form/prompt/prompt-server'
import { t } from '@/i18n/text'
import { putJson } from '@/net/api'
import { Chip } from '@/ui/chip'
import { Menu, type MenuEntry } from '@/ui/menu'
import { toast } from '@/ui/toasts'
import { Tooltip } from '@/ui/tooltip'
import { chooseStyles, chosenStyles } from './chosen-styles'
import { NameDialog } from './name-dialog'
import type { RecipeForm } from './use-recipe'

/** Styles: pieces of prompts under names, put around the prompt when it is run. */
export function StyleChips({ form }: { form: RecipeForm }) {
  const styles = useStyles()
  const client = useQueryClient()
  const [naming, setNaming] = useState(false)
  const chosen = chosenStyles(form.workflow)
  const set = (next: string[]) =>
    edit(form.document, { label: t('Styles') }, (draft) => chooseStyles(draft, next))
  const toggle = (name: string) =>
    set(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name])
  const save = async (name: string) => {
    const style = {
      name,
      prompt: form.value('prompt.positive', ''),
      negative: form.value('prompt.negative', ''),
    }
    try {
      await putJson('/limner/styles', { styles: [...styles.filter((one) => one.name !== name), style] })
      await client.invalidateQueries({ queryKey: ['styles'] })
      toast({ text: t('Style saved: {{name}}', { name }), tone: 'ok' })
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
    }
  }
  const entries: MenuEntry[] = [
    ...styles.map((style) => ({
      label: style.name,
      checked: chosen.includes(style.name),
      onSelect: () => toggle(style.name),
    })),
    ...(styles.length > 0 ? ['line' as const] : []),
    { label: t('Save the prompt as a style…'), onSelect: () => setNaming(true) },
  ]
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {chosen.map((name) => {
        const style = styles.find((one) => one.name === name)
        const adds = [style?.prompt, style?.negative ? t('not: {{text}}', { text: style.negative }) : '']
        return (
          <Tooltip key={name} label={adds.filter(Boolean).join(' · ') || t('This style is gone.')}>
            <span className="min-w-0">
              <Chip chosen onRemove={() => toggle(name)} removeLabel={t('Take {{name}} away', { name })}>
                {name}
              </Chip>
            </span>
          </Tooltip>
        )
      })}
      <Menu
        trigger={
          <button
            type="button"
            className="inline-flex h-7 items-center gap-1 rounded-full border border-dashed px-2.5 text-label text-muted hover:text-text pointer-coarse:h-9"
          >
            <Plus size={12} aria-hidden="true" />
            {t('Style')}
          </button>
        }
        entries={entries}
      />
      {naming ? (
        <NameDialog
          title={t('Save as a style')}
          label={t('Name of the style')}
          onName={(name) => void save(name)}
          onClose={() => setNaming(false)}
        />
      ) : null}
    </div>
  )
}
