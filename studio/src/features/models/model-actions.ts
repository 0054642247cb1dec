/** What is done with model files: each asks the server, reads the lists again, and says what became of it. */
import { queries } from '@/app/connection'
import { MODELS } from '@/app/jobs'
import { goTo } from '@/app/navigation'
import { t } from '@/i18n/text'
import { ApiError, patchJson, postJson, putJson, remove, send } from '@/net/api'
import { toast, toastUndo } from '@/ui/toasts'
import type { MissingModel, ModelCard, Pull, PullPlan, Twins } from './model-data'
import { shortName } from './model-names'

export const readAgain = (): void => {
  void queries.invalidateQueries({ queryKey: MODELS })
}

/** What went wrong, as a sentence. */
export const messageOf = (error: unknown): string =>
  error instanceof ApiError || error instanceof Error ? error.message : String(error)

const told = (error: unknown): void => {
  toast({ text: messageOf(error), tone: 'err' })
}

/** Puts a file into the trash; it can be taken back for a while. */
export async function removeModel(kind: string, name: string): Promise<boolean> {
  try {
    const { trash } = await postJson<{ trash: string }>('/limner/models/remove', { kind, name })
    readAgain()
    toastUndo(t('{{name}} is in the trash.', { name: shortName(name) }), () => void restoreModel(trash))
    return true
  } catch (error) {
    told(error)
    return false
  }
}

export async function restoreModel(trash: string): Promise<void> {
  try {
    await postJson('/limner/models/restore', { trash })
    readAgain()
  } catch (error) {
    told(error)
  }
}

export async function emptyTrash(): Promise<void> {
  try {
    await remove('/limner/models/trash')
    readAgain()
  } catch (error) {
    told(error)
  }
}

/** Writes on a model's card. */
export async function writeCard(kind: string, name: string, card: ModelCard): Promise<void> {
  await patchJson('/limner/models/details', { kind, name, card })
  readAgain()
}

export async function givePicture(kind: string, name: string, picture: Blob | null): Promise<void> {
  try {
    await send('PUT', '/limner/models/picture', picture ?? '', { query: { kind, name } })
    readAgain()
  } catch (error) {
    told(error)
  }
}

/** Reads a file whole, so that its digest is known. */
export async function verifyModel(kind: string, name: string): Promise<void> {
  try {
    const said = await postJson<{ state: string; message: string }>('/limner/models/verify', {
      name: `${kind}/${name}`,
    })
    readAgain()
    const fine = said.state === 'whole' || said.state === 'recorded'
    toast({
      text: fine ? t('The file is whole; its digest is known now.') : said.message,
      tone: fine ? 'ok' : 'err',
    })
  } catch (error) {
    told(error)
  }
}

export const resolveReference = (wish: {
  reference: string
  into?: string
  name?: string
}): Promise<PullPlan> => postJson<PullPlan>('/limner/models/resolve', wish)

/** Begins a download and shows the list of them. */
export async function startPull(wish: {
  reference: string
  into?: string
  name?: string
  agreed?: boolean
}): Promise<void> {
  await postJson<Pull>('/limner/models/pull', wish)
  readAgain()
  goTo('models', 'downloads')
}

export async function supplyMissing(missing: MissingModel[], agreed: boolean): Promise<void> {
  await postJson('/limner/models/supply', { missing, agreed })
  readAgain()
  goTo('models', 'downloads')
}

export const pausePull = (id: string): Promise<void> => steer(id, 'pause')
export const resumePull = (id: string, agreed = false): Promise<void> => steer(id, 'resume', { agreed })

export async function cancelPull(id: string): Promise<void> {
  try {
    await remove(`/limner/models/pull/${id}`)
    readAgain()
  } catch (error) {
    told(error)
  }
}

async function steer(id: string, how: 'pause' | 'resume', body: unknown = {}): Promise<void> {
  try {
    await postJson(`/limner/models/pull/${id}/${how}`, body)
    readAgain()
  } catch (error) {
    told(error)
  }
}

export const lookIntoFolder = (
  path: string,
): Promise<{ path: string; program: string; kinds: Record<string, number>; notes: string[] }> =>
  postJson('/limner/models/folders/look', { path })

export async function addFolder(path: string): Promise<Record<string, number>> {
  const added = await postJson<{ kinds: Record<string, number> }>('/limner/models/folders', { path })
  readAgain()
  return added.kinds
}

export async function dropFolder(path: string): Promise<void> {
  try {
    await remove('/limner/models/folders', { path })
    readAgain()
    toastUndo(t('{{path}} is not looked into any more.', { path }), () => void addFolder(path))
  } catch (error) {
    told(error)
  }
}

/** Reads files of equal size to say which are the same. */
export const compareTwins = async (): Promise<Twins[]> =>
  (await postJson<{ twins: Twins[] }>('/limner/models/compare', {})).twins

export const keepToken = (service: string, token: string): Promise<unknown> =>
  putJson('/limner/models/tokens', { service, token })
