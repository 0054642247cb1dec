import { useQuery } from '@tanstack/react-query'
import { CheckCheck, Download, FolderInput, RotateCcw, Star, Tag, Trash2, X } from 'lucide-react'
import { useState } from 'react'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { Menu, type MenuEntry } from '@/ui/menu'
import { BoardDialog } from './board-dialog'
import {
  changePictures,
  exportPictures,
  facetsQuery,
  listKeys,
  removeForEver,
  restorePictures,
  trashPictures,
} from './pictures'
import { choose, clearSelection, useSelection } from './selection'
import { TagDialog } from './tag-dialog'
import type { ListQuery } from './use-list'
import { useWanted } from './wanted'

/** What can be done with the chosen pictures, in the place of the header while some are chosen. */
export function SelectionBar({ query }: { query: ListQuery }) {
  const ids = useSelection((state) => state.ids)
  const trash = useWanted((wanted) => wanted.trash)
  const chosen = [...ids]
  const then = (work: Promise<unknown>) => {
    clearSelection()
    void work
  }
  return (
    <section
      aria-label={t('Chosen pictures')}
      className="flex min-h-14 shrink-0 items-center gap-1 border-b bg-accent-soft px-4 py-2 max-sm:gap-0 max-sm:px-2"
    >
      <IconButton label={t('Choose none')} keys="Escape" onClick={clearSelection}>
        <X size={16} />
      </IconButton>
      <span className="me-2 text-body font-medium whitespace-nowrap" aria-live="polite">
        {t('{{count}} chosen', { count: ids.size })}
      </span>
      <IconButton
        label={t('Choose all')}
        keys="Mod+A"
        onClick={() => void listKeys(query).then((keys) => choose(keys, { alone: true }))}
      >
        <CheckCheck size={16} />
      </IconButton>
      <span className="flex-1" />
      {trash ? (
        <>
          <Button
            icon={<RotateCcw size={16} aria-hidden="true" />}
            onClick={() => then(restorePictures(chosen))}
          >
            {t('Restore')}
          </Button>
          <Button look="danger" className="ms-2" onClick={() => then(removeForEver(chosen))}>
            {t('Delete for ever')}
          </Button>
        </>
      ) : (
        <Actions chosen={chosen} then={then} />
      )}
    </section>
  )
}

function Actions({ chosen, then }: { chosen: string[]; then: (work: Promise<unknown>) => void }) {
  const [open, setOpen] = useState<'' | 'tags' | 'board'>('')
  return (
    <>
      <IconButton label={t('Star')} keys="." onClick={() => then(changePictures(chosen, { starred: true }))}>
        <Star size={16} />
      </IconButton>
      <IconButton label={t('Tags…')} onClick={() => setOpen('tags')}>
        <Tag size={16} />
      </IconButton>
      <MoveMenu chosen={chosen} then={then} onNew={() => setOpen('board')} />
      <Menu
        align="end"
        trigger={
          <IconButton label={t('Export')}>
            <Download size={16} />
          </IconButton>
        }
        entries={[
          { label: t('Archive with metadata'), onSelect: () => void exportPictures(chosen, true) },
          { label: t('Archive without metadata'), onSelect: () => void exportPictures(chosen, false) },
        ]}
      />
      <IconButton label={t('Move to the trash')} keys="Delete" onClick={() => then(trashPictures(chosen))}>
        <Trash2 size={16} />
      </IconButton>
      {open === 'tags' ? <TagDialog ids={chosen} onClose={() => setOpen('')} /> : null}
      {open === 'board' ? <BoardDialog onClose={() => setOpen('')} /> : null}
    </>
  )
}

function MoveMenu({
  chosen,
  then,
  onNew,
}: {
  chosen: string[]
  then: (work: Promise<unknown>) => void
  onNew: () => void
}) {
  const { data } = useQuery(facetsQuery())
  const boards: MenuEntry[] = (data?.boards ?? []).map(({ name }) => ({
    label: name,
    onSelect: () => then(changePictures(chosen, { board: name })),
  }))
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t('Move to a board')}>
          <FolderInput size={16} />
        </IconButton>
      }
      entries={[
        ...boards,
        ...(boards.length > 0 ? (['line'] as const) : []),
        { label: t('No board'), onSelect: () => then(changePictures(chosen, { board: '' })) },
        { label: t('New board…'), onSelect: onNew },
      ]}
    />
  )
}
