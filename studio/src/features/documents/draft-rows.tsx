import { useQuery, useQueryClient } from '@tanstack/react-query'
import { FilePen, Trash2 } from 'lucide-react'
import { useMemo } from 'react'
import { openDocument, showDocument, useDocuments } from '@/app/documents'
import { type Draft, forgetDraft, listDrafts } from '@/app/drafts'
import { shownAge, t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { matches, OpenRows } from './open-rows'

const DRAFTS = ['drafts'] as const

/** Documents of this browser that were closed: they are kept without being asked for. */
export function DraftRows({ text, onDone }: { text: string; onDone: () => void }) {
  const client = useQueryClient()
  const open = useDocuments((state) => state.open)
  const { data } = useQuery({ queryKey: DRAFTS, queryFn: listDrafts, staleTime: 0 })
  const rows = useMemo(() => {
    const forget = (draft: Draft) =>
      void forgetDraft(draft.id).then(() => client.invalidateQueries({ queryKey: DRAFTS }))
    return data
      ?.filter((draft) => matches(text, draft.title) && draft.workflow.nodes.length > 0)
      .map((draft) => ({
        key: draft.id,
        title: draft.title,
        detail: detailOf(draft, open[draft.id] !== undefined),
        onOpen: () => {
          onDone()
          if (open[draft.id]) showDocument(draft.id)
          else openDocument(draft)
        },
        aside: open[draft.id] ? undefined : (
          <IconButton
            label={t('Forget {{title}}', { title: draft.title })}
            small
            onClick={() => forget(draft)}
          >
            <Trash2 size={16} />
          </IconButton>
        ),
      }))
  }, [data, text, open, client, onDone])
  return (
    <OpenRows
      label={t('Drafts')}
      rows={rows}
      empty={
        <EmptyState icon={<FilePen strokeWidth={1.5} />} title={t('No drafts')}>
          {t(
            'Every open document is kept in this browser a second after its last change, also when you close it.',
          )}
        </EmptyState>
      }
    />
  )
}

const detailOf = (draft: Draft, isOpen: boolean): string =>
  [isOpen ? t('open now') : '', draft.path || t('saved in no file'), shownAge(draft.touched)]
    .filter(Boolean)
    .join(' · ')
