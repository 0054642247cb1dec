import { ChevronRight, Ellipsis, Folder, FolderOpen } from 'lucide-react'
import { type DragEvent, useState } from 'react'
import { shownNumber, t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Menu } from '@/ui/menu'
import { usePreference } from '@/ui/remembered'
import { toastUndo } from '@/ui/toasts'
import { BoardDialog } from './board-dialog'
import { type Branch, treeOf, unfolded } from './board-tree'
import { type Count, changeBoards, changePictures, listKeys } from './pictures'
import { DRAGGED } from './use-tiles'
import { goToBoard, useWanted } from './wanted'

/** The boards that people made; pictures are dragged onto them. */
export function Boards({ boards, onGone }: { boards: Count[]; onGone?: () => void }) {
  const [folded, setFolded] = usePreference<string[]>('gallery.folded', [])
  const [renaming, setRenaming] = useState('')
  const tree = unfolded(treeOf(boards), folded)
  if (tree.length === 0)
    return (
      <p className="px-2 py-1 text-label text-faint">{t('Boards hold pictures that belong together.')}</p>
    )
  const fold = (path: string) =>
    setFolded(folded.includes(path) ? folded.filter((other) => other !== path) : [...folded, path])
  return (
    <>
      <ul className="flex flex-col gap-0.5">
        {tree.map((branch) => (
          <BoardRow
            key={branch.path}
            branch={branch}
            folded={folded.includes(branch.path)}
            onFold={() => fold(branch.path)}
            onRename={() => setRenaming(branch.path)}
            onGone={onGone}
          />
        ))}
      </ul>
      {renaming ? <BoardDialog board={renaming} onClose={() => setRenaming('')} /> : null}
    </>
  )
}

interface BoardRowProps {
  branch: Branch
  folded: boolean
  onFold: () => void
  onRename: () => void
  onGone?: () => void
}

function BoardRow({ branch, folded, onFold, onRename, onGone }: BoardRowProps) {
  const here = useWanted((wanted) => wanted.board === branch.path)
  const drop = useDrop(branch.path)
  const Icon = here ? FolderOpen : Folder
  return (
    <li
      className={classes(
        'group flex h-8 items-center rounded-control pointer-coarse:h-11',
        here ? 'bg-accent-soft' : 'hover:bg-hover',
        drop.over && 'outline-2 outline-accent',
      )}
      style={{ paddingInlineStart: branch.depth * 16 }}
      {...drop.listeners}
    >
      {branch.children ? (
        <button
          type="button"
          aria-expanded={!folded}
          aria-label={t('Boards in {{board}}', { board: branch.name })}
          onClick={onFold}
          className="flex size-6 shrink-0 items-center justify-center rounded-small text-faint hover:text-text"
        >
          <ChevronRight
            size={14}
            aria-hidden="true"
            className={classes(
              'transition-transform duration-120',
              folded ? 'rtl:-scale-x-100' : 'rotate-90',
            )}
          />
        </button>
      ) : (
        <span className="w-2 shrink-0" />
      )}
      <button
        type="button"
        aria-current={here ? 'true' : undefined}
        onClick={() => {
          goToBoard({ board: branch.path })
          onGone?.()
        }}
        className={classes(
          'flex h-full min-w-0 flex-1 items-center gap-2 text-start',
          here ? 'font-medium' : 'text-muted group-hover:text-text',
        )}
      >
        <Icon size={16} strokeWidth={1.5} aria-hidden="true" className="shrink-0" />
        <span className="min-w-0 flex-1 truncate">{branch.name}</span>
        <span className="text-label text-muted tabular">{shownNumber(branch.count)}</span>
      </button>
      <BoardMenu branch={branch} onRename={onRename} />
    </li>
  )
}

const BoardMenu = ({ branch, onRename }: { branch: Branch; onRename: () => void }) => (
  <Menu
    align="end"
    trigger={
      <IconButton label={t('Board {{board}}', { board: branch.name })} small className="shrink-0">
        <Ellipsis size={14} />
      </IconButton>
    }
    entries={[
      { label: t('Rename or move…'), onSelect: onRename },
      'line',
      { label: t('Remove the board'), danger: true, onSelect: () => void removeBoard(branch.path) },
    ]}
  />
)

/** Removes a board; its pictures stay. For eight seconds they can be put back on it. */
async function removeBoard(board: string): Promise<void> {
  const ids = await listKeys({ q: '', board }).catch((): string[] => [])
  if (useWanted.getState().board.startsWith(board)) goToBoard({})
  await changeBoards('DELETE', { name: board })
  toastUndo(t('Board removed. Its pictures stay.'), () => {
    void changeBoards('POST', { name: board }).then(() =>
      ids.length > 0 ? changePictures(ids, { board }) : undefined,
    )
  })
}

/** Takes pictures that are dropped on it. */
function useDrop(board: string) {
  const [over, setOver] = useState(false)
  const takes = (event: DragEvent) => event.dataTransfer.types.includes(DRAGGED)
  return {
    over,
    listeners: {
      onDragOver: (event: DragEvent) => {
        if (!takes(event)) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'move'
        setOver(true)
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        setOver(false)
        if (!takes(event)) return
        event.preventDefault()
        event.stopPropagation()
        void changePictures(JSON.parse(event.dataTransfer.getData(DRAGGED)) as string[], { board })
      },
    },
  }
}
