import { FileDown } from 'lucide-react'
import { useState } from 'react'
import { queries } from '@/app/connection'
import { openDocument } from '@/app/documents'
import { sendTo } from '@/app/intents'
import { readDocument } from '@/doc/read'
import { t } from '@/i18n/text'
import { loadDefinitions } from '@/net/definitions'
import { readFile } from '@/net/read-file'
import { Button } from '@/ui/button'

export interface SettingsOfferProps {
  text: string
  /** It is meant as words after all. */
  onText: () => void
  onDone: () => void
}

/** What was pasted looks like a picture's settings or a workflow: uses them, or takes them as words. */
export function SettingsOffer({ text, onText, onDone }: SettingsOfferProps) {
  const [problem, setProblem] = useState('')
  const use = async () => {
    try {
      const found = await readFile(text)
      if (found.settings) sendTo('create', 'use-settings', { values: found.settings })
      else if (found.workflow ?? found.prompt) {
        const definitions = await loadDefinitions(queries)
        const { workflow } = readDocument(found.workflow ?? found.prompt, definitions)
        openDocument({ workflow, title: t('Pasted workflow'), dirty: true })
      } else throw new Error(t('Nothing in it is known here.'))
      onDone()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <div
      role="status"
      className="mt-2 flex flex-wrap items-center gap-2 rounded-control border border-accent/50 bg-accent-soft p-2 text-body"
    >
      <FileDown size={16} className="shrink-0 text-accent" aria-hidden="true" />
      <span className="min-w-0 flex-1">{problem || t('That looks like the settings of a picture.')}</span>
      <Button small look="quiet" onClick={onText}>
        {t('Paste as text')}
      </Button>
      <Button small onClick={() => void use()}>
        {t('Use these settings')}
      </Button>
    </div>
  )
}
