import {
  BookCopy,
  Brush,
  Download,
  Eye,
  ImageUp,
  LayoutGrid,
  RotateCcw,
  Star,
  Table2,
  Trash2,
  Waypoints,
} from 'lucide-react'
import { sendTo } from '@/app/intents'
import { compareWith, openAsGraph, recall } from '@/app/recall'
import { t } from '@/i18n/text'
import type { MenuEntry } from '@/ui/menu'
import {
  changePictures,
  exportPictures,
  type Picture,
  removeForEver,
  restorePictures,
  trashPictures,
} from './pictures'
import { clearSelection, useSelection } from './selection'

const ICON = { size: 14, 'aria-hidden': true } as const

/** What can be done with the picture under the pointer, or with all that are chosen if it is one of them. */
export function menuOf(picture: Picture | undefined, open: () => void): MenuEntry[] {
  if (!picture) return [{ label: t('Choose none'), onSelect: clearSelection }]
  const { ids } = useSelection.getState()
  const meant = ids.has(picture.id) ? [...ids] : [picture.id]
  const then = (work: Promise<unknown>) => {
    clearSelection()
    void work
  }
  if (picture.trashed)
    return [
      {
        label: t('Restore'),
        icon: <RotateCcw {...ICON} />,
        onSelect: () => then(restorePictures(meant)),
      },
      'line',
      { label: t('Delete for ever'), danger: true, onSelect: () => then(removeForEver(meant)) },
    ]
  return [
    { label: t('Open'), icon: <Eye {...ICON} />, keys: 'Enter', onSelect: open },
    {
      label: picture.starred ? t('Take the star away') : t('Star'),
      icon: <Star {...ICON} />,
      keys: '.',
      onSelect: () => then(changePictures(meant, { starred: !picture.starred })),
    },
    'line',
    ...uses(picture),
    'line',
    {
      label: t('Export'),
      icon: <Download {...ICON} />,
      entries: [
        { label: t('Archive with metadata'), onSelect: () => void exportPictures(meant, true) },
        { label: t('Archive without metadata'), onSelect: () => void exportPictures(meant, false) },
      ],
    },
    {
      label: t('Move to the trash'),
      icon: <Trash2 {...ICON} />,
      keys: 'Delete',
      danger: true,
      onSelect: () => then(trashPictures(meant)),
    },
  ]
}

function uses({ file, media }: Picture): MenuEntry[] {
  const again: MenuEntry[] = [
    {
      label: t('Make four more like it'),
      icon: <BookCopy {...ICON} />,
      onSelect: () => sendTo('create', 'vary', { file }),
    },
    {
      label: t('Recall all settings'),
      icon: <RotateCcw {...ICON} />,
      onSelect: () => void recall(file, 'all'),
    },
    { label: t('Open as graph'), icon: <Waypoints {...ICON} />, onSelect: () => void openAsGraph(file) },
    { label: t('Compare settings'), icon: <Table2 {...ICON} />, onSelect: () => void compareWith(file) },
  ]
  if (media !== 'image') return again
  return [
    ...again,
    {
      label: t('Use as input'),
      icon: <ImageUp {...ICON} />,
      onSelect: () => sendTo('create', 'use-input', { file }),
    },
    {
      label: t('Edit on canvas'),
      icon: <Brush {...ICON} />,
      onSelect: () => sendTo('canvas', 'edit-picture', { file }),
    },
    {
      label: t('Use in an app'),
      icon: <LayoutGrid {...ICON} />,
      onSelect: () => sendTo('apps', 'use-picture', { file }),
    },
  ]
}
