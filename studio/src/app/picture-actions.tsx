import { useQuery } from '@tanstack/react-query'
import {
  BookCopy,
  Brush,
  Download,
  ImageUp,
  type LucideIcon,
  RotateCcw,
  Scaling,
  Star,
  Table2,
  Trash2,
  Waypoints,
} from 'lucide-react'
import { useMemo } from 'react'
import { t } from '@/i18n/text'
import { fileUrl, type SavedFile } from '@/net/files'
import { Button, IconButton } from '@/ui/button'
import { Menu, type MenuEntry } from '@/ui/menu'
import { type Command, useCommands } from './commands'
import { galleryEntry, putInTrash, setStar, type Trashing } from './gallery-marks'
import { sendTo } from './intents'
import { compareWith, openAsGraph, type Recalled, recall } from './recall'

export interface PictureAction {
  id: string
  label: string
  icon: LucideIcon
  keys?: string
  run: () => void
  /** On or off, for what stays switched. */
  pressed?: boolean
  danger?: boolean
  /** Further ways, as a menu. */
  entries?: MenuEntry[]
}

export interface PictureActionWishes extends Trashing {
  /** Actions that make no sense here, by id. */
  omit?: string[]
}

/** All that can be done with a result, wherever it is shown: on the canvas, as an input, again, away. */
export function usePictureActions(
  file: SavedFile | undefined,
  wishes: PictureActionWishes = {},
): PictureAction[] {
  const { data: entry } = useQuery(galleryEntry(file))
  if (!file) return []
  const starred = entry?.starred === true
  const actions: PictureAction[] = [
    {
      id: 'canvas',
      label: t('Edit on canvas'),
      icon: Brush,
      run: () => sendTo('canvas', 'edit-picture', { file }),
    },
    {
      id: 'input',
      label: t('Use as input'),
      icon: ImageUp,
      run: () => sendTo('create', 'use-input', { file }),
    },
    {
      id: 'upscale',
      label: t('Upscale'),
      icon: Scaling,
      run: () => sendTo('create', 'use-input', { file, task: 'upscale' }),
    },
    { id: 'vary', label: t('Vary'), icon: BookCopy, run: () => sendTo('create', 'vary', { file }) },
    {
      id: 'star',
      label: starred ? t('Take the star away') : t('Star'),
      icon: Star,
      keys: '.',
      pressed: starred,
      run: () => void setStar(file, !starred),
    },
    {
      id: 'recall',
      label: t('Recall'),
      icon: RotateCcw,
      keys: 'a',
      run: () => void recall(file, 'all'),
      entries: recallEntries(file),
    },
    {
      id: 'graph',
      label: t('Open as graph'),
      icon: Waypoints,
      keys: 'w',
      run: () => void openAsGraph(file),
    },
    { id: 'compare', label: t('Compare settings'), icon: Table2, run: () => void compareWith(file) },
    { id: 'download', label: t('Download'), icon: Download, run: () => download(file) },
    {
      id: 'delete',
      label: t('Delete'),
      icon: Trash2,
      keys: 'Delete',
      danger: true,
      run: () => void putInTrash(file, wishes),
    },
  ]
  return actions.filter((action) => !wishes.omit?.includes(action.id))
}

const recallEntries = (file: SavedFile): MenuEntry[] => {
  const entry = (label: string, wanted: Recalled, keys?: string): MenuEntry => ({
    label,
    keys,
    onSelect: () => void recall(file, wanted),
  })
  return [
    entry(t('All settings'), 'all', 'A'),
    entry(t('Remix: all but the seed'), 'remix', 'R'),
    'line',
    entry(t('Prompt'), 'prompt', 'P'),
    entry(t('Seed'), 'seed', 'S'),
    entry(t('Size'), 'size'),
    entry(t('Model'), 'model'),
  ]
}

function download(file: SavedFile): void {
  const link = document.createElement('a')
  link.href = fileUrl(file)
  link.download = file.filename
  link.click()
}

/** Offers the keys of a picture's actions while the component is mounted. */
export function usePictureKeys(file: SavedFile | undefined, actions: PictureAction[]): void {
  const commands = useMemo((): Command[] => {
    if (!file) return []
    const group = t('Picture')
    const recalls: [string, string, string, Recalled][] = [
      ['remix', t('Remix: recall all but the seed'), 'r', 'remix'],
      ['prompt', t('Recall the prompt'), 'p', 'prompt'],
      ['seed', t('Recall the seed'), 's', 'seed'],
    ]
    return [
      ...actions.map(({ id, label, keys, run }) => ({ id: `picture.${id}`, label, keys, group, run })),
      ...recalls.map(([id, label, keys, wanted]) => ({
        id: `picture.recall.${id}`,
        label,
        keys,
        group,
        run: () => void recall(file, wanted),
      })),
    ]
  }, [file, actions])
  useCommands(commands)
}

const WORDED = new Set(['canvas', 'input', 'upscale', 'vary'])

/** The actions as a row of buttons: the first with words, the others as icons. */
export const PictureActionRow = ({ actions }: { actions: PictureAction[] }) => (
  <div className="@container">
    <div className="relative flex items-center justify-center gap-1 max-sm:justify-start max-sm:overflow-x-auto">
      {actions.map((action) => (
        <ActionButton key={action.id} action={action} />
      ))}
    </div>
  </div>
)

function ActionButton({ action }: { action: PictureAction }) {
  const { id, label, icon: Icon, keys, run, pressed, danger, entries } = action
  if (WORDED.has(id))
    return (
      <Button
        look="quiet"
        icon={<Icon size={16} strokeWidth={1.5} aria-hidden="true" />}
        onClick={run}
        title={label}
        className="shrink-0 !text-text @max-[660px]:!px-2"
      >
        <span className="@max-[660px]:sr-only">{label}</span>
      </Button>
    )
  const button = (
    <IconButton
      label={label}
      keys={keys && (keys.length === 1 ? keys.toUpperCase() : keys)}
      side="top"
      pressed={pressed}
      onClick={entries ? undefined : run}
      className={danger ? 'hover:!text-err' : undefined}
    >
      <Icon size={16} strokeWidth={1.5} fill={id === 'star' && pressed ? 'currentColor' : 'none'} />
    </IconButton>
  )
  return entries ? <Menu trigger={button} entries={entries} align="end" /> : button
}
