import { useQuery } from '@tanstack/react-query'
import { FolderOpen, MoreHorizontal, Trash2 } from 'lucide-react'
import { useMemo } from 'react'
import { queries } from '@/app/connection'
import { titleOfFile } from '@/app/file-names'
import { openSaved } from '@/app/saving'
import { shownAge, t } from '@/i18n/text'
import { listSaved, SAVED, type SavedWorkflow, trashSaved } from '@/net/workflows'
import { IconButton } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { Menu } from '@/ui/menu'
import { toast, toastUndo } from '@/ui/toasts'
import { matches, type OpenRow, OpenRows } from './open-rows'

/** The workflows that are saved on the server. */
export function SavedRows({ text, onDone }: { text: string; onDone: () => void }) {
  const { data, error } = useQuery({ queryKey: SAVED, queryFn: listSaved, staleTime: 0 })
  const rows = useMemo(
    () => data?.filter((entry) => matches(text, entry.name)).map((entry) => rowOf(entry, onDone)),
    [data, text, onDone],
  )
  return (
    <OpenRows
      label={t('Saved workflows')}
      rows={rows}
      error={
        error ? { title: t('The saved workflows could not be listed.'), message: error.message } : undefined
      }
      empty={
        <EmptyState
          icon={<FolderOpen strokeWidth={1.5} />}
          title={text ? t('Nothing found.') : t('Nothing saved yet')}
        >
          {text
            ? t('No saved workflow has these words in its name.')
            : t(
                'Ctrl+S keeps the open document here. You can also drop a workflow, or a picture that carries one, anywhere.',
              )}
        </EmptyState>
      }
    />
  )
}

function rowOf(entry: SavedWorkflow, onDone: () => void): OpenRow {
  const folder = entry.name.split('/').slice(0, -1).join(' / ')
  const age = shownAge(entry.modified)
  const title = titleOfFile(entry.name)
  return {
    key: entry.name,
    title: /\.app\.json$/i.test(entry.name) ? t('{{title}} (app)', { title }) : title,
    detail: folder ? `${folder} · ${age}` : age,
    onOpen: () => {
      onDone()
      openSaved(entry.name).catch((error: Error) => toast({ text: error.message, tone: 'err' }))
    },
    aside: (
      <Menu
        align="end"
        trigger={
          <IconButton label={t('Actions for {{title}}', { title })} small>
            <MoreHorizontal size={16} />
          </IconButton>
        }
        entries={[
          {
            label: t('Delete'),
            icon: <Trash2 size={16} />,
            danger: true,
            onSelect: () => void throwAway(entry.name, title),
          },
        ]}
      />
    ),
  }
}

async function throwAway(name: string, title: string): Promise<void> {
  const again = () => queries.invalidateQueries({ queryKey: SAVED })
  try {
    const restore = await trashSaved(name)
    await again()
    toastUndo(t('Deleted {{title}}.', { title }), () => void restore().then(again))
  } catch (error) {
    toast({ text: (error as Error).message, tone: 'err' })
  }
}
