/** Stars and the trash, for files that are known by their names: the gallery knows them by ids. */
import { queries } from '@/app/connection'
import { GALLERY } from '@/app/jobs'
import { t } from '@/i18n/text'
import { getJson, patchJson, postJson } from '@/net/api'
import type { FileRef, SavedFile } from '@/net/files'
import { toast, toastUndo } from '@/ui/toasts'

export interface GalleryEntry {
  id: string
  file: FileRef
  starred: boolean
}

/** Query of what the gallery knows of a file; null: it is not there (yet). */
export const galleryEntry = (file: SavedFile | undefined) => ({
  queryKey: [...GALLERY, 'entry', file?.subfolder ?? '', file?.filename ?? ''],
  queryFn: () => (file ? findEntry(file) : Promise.resolve(null)),
  enabled: file?.type === 'output',
  retry: false,
})

async function findEntry(file: SavedFile): Promise<GalleryEntry | null> {
  const { items } = await getJson<{ items: GalleryEntry[] }>('/limner/gallery', {
    query: { q: `"${file.filename}"`, limit: 50 },
  })
  const same = (entry: GalleryEntry) =>
    entry.file.filename === file.filename && entry.file.subfolder === file.subfolder
  return items.find(same) ?? null
}

/** Asks again for a moment: a file that was just written is indexed a little later. */
async function entryOf(file: SavedFile): Promise<GalleryEntry> {
  for (let turn = 0; turn < 5; turn += 1) {
    const entry = await findEntry(file)
    if (entry) return entry
    await new Promise((done) => setTimeout(done, 400))
  }
  throw new Error(t('The gallery does not know this picture yet. Try again in a moment.'))
}

export async function setStar(file: SavedFile, starred: boolean): Promise<void> {
  try {
    const entry = await entryOf(file)
    queries.setQueryData(galleryEntry(file).queryKey, { ...entry, starred })
    await patchJson('/limner/gallery', { ids: [entry.id], starred })
    await queries.invalidateQueries({ queryKey: GALLERY })
  } catch (error) {
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
  }
}

export interface Trashing {
  onGone?: () => void
  onBack?: () => void
}

/** Puts a file into the trash, with eight seconds to take that back. */
export async function putInTrash(file: SavedFile, { onGone, onBack }: Trashing = {}): Promise<void> {
  onGone?.()
  try {
    const { id } = await entryOf(file)
    await postJson('/limner/gallery/trash', { ids: [id] })
    void queries.invalidateQueries({ queryKey: GALLERY })
    toastUndo(t('Moved to the trash.'), () => {
      onBack?.()
      void postJson('/limner/gallery/restore', { ids: [id] }).then(() =>
        queries.invalidateQueries({ queryKey: GALLERY }),
      )
    })
  } catch (error) {
    onBack?.()
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
  }
}
