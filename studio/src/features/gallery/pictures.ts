/** The gallery on the server: what it holds, how lists lie, and everything that changes it. */
import { queries } from '@/app/connection'
import { GALLERY } from '@/app/jobs'
import { t } from '@/i18n/text'
import { getJson, patchJson, postJson, remove, send } from '@/net/api'
import type { FileRef } from '@/net/files'
import { toast, toastUndo } from '@/ui/toasts'

export interface Picture {
  id: string
  name: string
  file: FileRef
  media: 'image' | 'video' | 'audio'
  width: number
  height: number
  bytes: number
  created: number
  thumbnail: string
  starred: boolean
  rating: number
  tags: string[]
  board: string
  prompt: string
  model: string
  seed: string
  app: string
  job: string
  alt: string
  /** When it went to the trash; 0: it did not. */
  trashed: number
}

export interface Details extends Picture {
  own_alt: string
  loras: string[]
  settings: Record<string, unknown>
  infotext: string
  workflow: boolean
}

/** How a list lies: enough to lay out all of it. */
export interface Lies {
  total: number
  days: [string, number][]
  /** Width over height times 100, and how many follow each other with it. */
  shapes: [number, number][]
  /** Files that nobody has read yet. */
  reading: number
  revision: number
}

export interface Count {
  name: string
  count: number
}

export interface Facets {
  counts: { all: number; starred: number; untagged: number; unsorted: number; trash: number }
  models: Count[]
  loras: Count[]
  apps: Count[]
  tags: Count[]
  boards: Count[]
  days: Count[]
}

export interface Change {
  starred?: boolean
  rating?: number
  board?: string
  alt?: string
  add_tags?: string[]
  remove_tags?: string[]
}

type Query = Record<string, string | number | boolean | undefined>

export const PAGE = 60

export const liesQuery = (query: Query) => ({
  queryKey: [...GALLERY, 'lies', query],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    getJson<Lies>('/limner/gallery/positions', { query, signal }),
  staleTime: 60_000,
})

export const pageQuery = (query: Query, page: number) => ({
  queryKey: [...GALLERY, 'page', query, page],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (
      await getJson<{ items: Picture[] }>('/limner/gallery', {
        query: { ...query, at: page * PAGE, limit: PAGE },
        signal,
      })
    ).items,
  staleTime: 60_000,
})

export const facetsQuery = () => ({
  queryKey: [...GALLERY, 'facets'],
  queryFn: () =>
    getJson<Facets>('/limner/gallery/facets', { query: { offset: new Date().getTimezoneOffset() } }),
  staleTime: 60_000,
})

export const detailsQuery = (id: string) => ({
  queryKey: [...GALLERY, 'one', id],
  queryFn: () => getJson<Details>(`/limner/gallery/${encodeURIComponent(id)}`),
  retry: false,
})

export const workflowQuery = (id: string) => ({
  queryKey: [...GALLERY, 'workflow', id],
  queryFn: () =>
    getJson<{ workflow: unknown; prompt: unknown }>(`/limner/gallery/${encodeURIComponent(id)}/workflow`),
  retry: false,
})

/** The ids of a list, in its order. */
export const listKeys = async (query: Query, limit?: number): Promise<string[]> =>
  (await getJson<{ ids: string[] }>('/limner/gallery/keys', { query: { ...query, limit } })).ids

const refreshed = (): Promise<void> => queries.invalidateQueries({ queryKey: GALLERY })

const said = (error: unknown): void => {
  toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
}

/** Says something of pictures; what is shown changes at once. */
export async function changePictures(ids: string[], change: Change): Promise<void> {
  const chosen = new Set(ids)
  const next = (picture: Picture): Picture => (chosen.has(picture.id) ? changed(picture, change) : picture)
  queries.setQueriesData<Picture[]>({ queryKey: [...GALLERY, 'page'] }, (page) => page?.map(next))
  queries.setQueriesData<Details>({ queryKey: [...GALLERY, 'one'] }, (one) =>
    one ? { ...one, ...next(one) } : one,
  )
  try {
    await patchJson('/limner/gallery', { ids, ...change })
  } catch (error) {
    said(error)
  }
  await refreshed()
}

function changed(picture: Picture, { add_tags = [], remove_tags = [], ...rest }: Change): Picture {
  const tags = [...picture.tags.filter((tag) => !remove_tags.includes(tag)), ...add_tags]
  return { ...picture, ...rest, tags: [...new Set(tags)].sort() }
}

/** Moves pictures to the trash, with eight seconds to take that back. */
export async function trashPictures(ids: string[]): Promise<void> {
  try {
    const { trashed } = await postJson<{ trashed: string[] }>('/limner/gallery/trash', { ids })
    await refreshed()
    toastUndo(
      t('{{count}} pictures moved to the trash.', { count: trashed.length }),
      () => void restorePictures(trashed),
    )
  } catch (error) {
    said(error)
  }
}

export async function restorePictures(ids: string[]): Promise<void> {
  try {
    await postJson('/limner/gallery/restore', { ids })
    await refreshed()
  } catch (error) {
    said(error)
  }
}

/** Removes what lies in the trash for ever: these, or all of it. */
export async function removeForEver(ids?: string[]): Promise<void> {
  try {
    const { removed } = await remove<{ removed: number }>(
      '/limner/gallery/trash',
      ids ? { ids } : { all: true },
    )
    await refreshed()
    toast({ text: t('{{count}} pictures removed.', { count: removed }), tone: 'ok' })
  } catch (error) {
    said(error)
  }
}

export async function changeBoards(
  method: 'POST' | 'PATCH' | 'DELETE',
  body: Record<string, string>,
): Promise<void> {
  try {
    await send(method, '/limner/boards', JSON.stringify(body), {
      headers: { 'Content-Type': 'application/json' },
    })
    await refreshed()
  } catch (error) {
    said(error)
  }
}

/** Downloads pictures as one archive. */
export async function exportPictures(ids: string[], metadata: boolean): Promise<void> {
  try {
    const answer = await send('POST', '/limner/gallery/export', JSON.stringify({ ids, metadata }), {
      headers: { 'Content-Type': 'application/json' },
    })
    const url = URL.createObjectURL(await answer.blob())
    const link = document.createElement('a')
    link.href = url
    link.download = metadata ? 'pictures.zip' : 'pictures without metadata.zip'
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  } catch (error) {
    said(error)
  }
}

const MEDIA = /^(image|video|audio)\//
const BY_NAME = /\.(png|jpe?g|webp|avif|gif|bmp|tiff?|jxl|mp4|webm|mov|mkv|mp3|wav|flac|ogg|opus|m4a)$/i

export const isImportable = (file: File): boolean => MEDIA.test(file.type) || BY_NAME.test(file.name)

/** Brings files into the gallery, one after another; `onStep` hears how many are in. */
export async function importPictures(
  files: File[],
  board: string,
  onStep: (done: number) => void = () => undefined,
): Promise<void> {
  const wanted = files.filter(isImportable)
  const failed: string[] = []
  for (const [at, file] of wanted.entries()) {
    const form = new FormData()
    const folder = file.webkitRelativePath.split('/').slice(0, -1).join('/')
    if (folder) form.append('folder', folder)
    if (board) form.append('board', board)
    form.append('file', file)
    await send('POST', '/limner/gallery/import', form).catch((error: Error) =>
      failed.push(`${file.name}: ${error.message}`),
    )
    onStep(at + 1)
  }
  await refreshed()
  const left = files.length - wanted.length
  if (failed.length > 0) toast({ text: failed.slice(0, 3).join('\n'), tone: 'err' })
  else if (left > 0)
    toast({ text: t('{{count}} files are no pictures and were left out.', { count: left }), tone: 'warn' })
  if (wanted.length > failed.length)
    toast({ text: t('{{count}} pictures imported.', { count: wanted.length - failed.length }), tone: 'ok' })
}
