/** Settings of an earlier picture, and where they go: the file itself says how it was made. */
import { queries } from '@/app/connection'
import { readDocument } from '@/doc/read'
import { t } from '@/i18n/text'
import { loadDefinitions } from '@/net/definitions'
import { fetchFile, type SavedFile } from '@/net/files'
import { type Found, readFile } from '@/net/read-file'
import { toast } from '@/ui/toasts'
import { sendTo } from './intents'

/** What of a picture's settings is wanted. */
export type Recalled = 'all' | 'remix' | 'prompt' | 'seed' | 'size' | 'model'

const ROLES: Record<Exclude<Recalled, 'all' | 'remix'>, RegExp> = {
  prompt: /^prompt\./,
  seed: /^sampler\.seed$/,
  size: /^size\./,
  model: /^model\./,
}

/** The part of settings that is wanted; "remix" is all but the seed. */
export function wantedValues(values: Record<string, unknown>, wanted: Recalled): Record<string, unknown> {
  if (wanted === 'all') return values
  const keep =
    wanted === 'remix'
      ? (role: string) => role !== 'sampler.seed'
      : (role: string) => ROLES[wanted].test(role)
  return Object.fromEntries(Object.entries(values).filter(([role]) => keep(role)))
}

/** What a picture's file says of how it was made. */
export const readPicture = async (file: SavedFile): Promise<Found> => readFile(await fetchFile(file))

/** Puts a picture's settings into the form of Create. */
export async function recall(file: SavedFile, wanted: Recalled): Promise<void> {
  const found = await attempt(() => readPicture(file))
  if (!found) return
  if (!found.settings) {
    toast({ text: t('This picture does not say how it was made.'), tone: 'warn' })
    return
  }
  sendTo('create', 'use-settings', { values: wantedValues(found.settings, wanted), wanted })
}

/** Opens the workflow that a picture was made with in the graph. */
export const openAsGraph = (file: SavedFile): Promise<void> => sendWorkflow(file, 'graph', 'open-workflow')

/** Takes the workflow that a picture was made with as what is compared. */
export const compareWith = (file: SavedFile): Promise<void> => sendWorkflow(file, 'compare', 'compare')

async function sendWorkflow(file: SavedFile, screen: string, name: string): Promise<void> {
  const found = await attempt(() => readPicture(file))
  if (!found) return
  const written = found.workflow ?? found.prompt
  if (!written) {
    toast({ text: t('This picture carries no workflow.'), tone: 'warn' })
    return
  }
  const title = file.filename.replace(/\.[a-z0-9]+$/i, '')
  await attempt(async () => {
    const { workflow } = readDocument(written, await loadDefinitions(queries))
    sendTo(screen, name, { workflow, title })
  })
}

async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
    return undefined
  }
}
