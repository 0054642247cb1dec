import { renameDocument, useDocuments } from '@/app/documents'
import { t } from '@/i18n/text'

const TITLE_WORDS = 5

/** A document without a name of its own is called by what it draws. */
export function nameAfterPrompt(id: string, prompt: unknown): void {
  const document = useDocuments.getState().open[id]
  if (!document || document.path || document.title !== t('Untitled')) return
  const words = String(prompt ?? '')
    .replace(/<[^>]*>|[{}_|()]/g, ' ')
    .trim()
    .split(/[\s,]+/)
    .slice(0, TITLE_WORDS)
    .join(' ')
  if (words) renameDocument(id, words)
}
