/** Keys of the list. Those of one picture belong to its tile and to the viewer. */
import { useMemo } from 'react'
import { type Command, useCommands } from '@/app/commands'
import { t } from '@/i18n/text'
import { changePictures, listKeys, trashPictures } from './pictures'
import { choose, clearSelection, useSelection } from './selection'
import type { ListQuery } from './use-list'
import { useWanted } from './wanted'

export function useGalleryCommands(query: ListQuery, viewing: boolean): void {
  const commands = useMemo((): Command[] => {
    if (viewing) return []
    const group = t('Gallery')
    const chosen = () => [...useSelection.getState().ids]
    const withChosen = (work: (ids: string[]) => Promise<unknown>) => () => {
      const ids = chosen()
      if (ids.length === 0) return
      clearSelection()
      void work(ids)
    }
    return [
      {
        id: 'gallery.all',
        label: t('Choose all pictures'),
        keys: 'Mod+A',
        group,
        run: () => void listKeys(query).then((keys) => choose(keys, { alone: true })),
      },
      { id: 'gallery.none', label: t('Choose none'), keys: 'Escape', group, run: clearSelection },
      {
        id: 'gallery.star',
        label: t('Star the chosen pictures'),
        keys: '.',
        group,
        run: withChosen((ids) => changePictures(ids, { starred: true })),
      },
      {
        id: 'gallery.trash',
        label: t('Move the chosen pictures to the trash'),
        keys: 'Delete',
        group,
        run: withChosen((ids) => (useWanted.getState().trash ? Promise.resolve() : trashPictures(ids))),
      },
      {
        id: 'gallery.search',
        label: t('Search the gallery'),
        keys: '/',
        group,
        run: () => document.querySelector<HTMLInputElement>('main input[role="combobox"]')?.focus(),
      },
    ]
  }, [query, viewing])
  useCommands(commands)
}
