/** Drafts: every open document is kept in the browser a second after its last change, beside any saved file. */
import { createStore, del, entries, set } from 'idb-keyval'
import type { Workflow } from '@/doc/workflow'
import { isChanged, type OpenDocument, openDocument, useDocuments } from './documents'
import { isElsewhere, useElsewhere } from './other-tabs'

export interface Draft {
  id: string
  title: string
  path: string
  tag: string
  workflow: Workflow
  dirty: boolean
  touched: number
  /** Was open when the page was left. */
  open: boolean
}

const KEPT = 30
const PAUSE = 1_000

const store = () => createStore('limner-drafts', 'drafts')

/** All drafts, the last one first. */
export async function listDrafts(): Promise<Draft[]> {
  const all = await entries<string, Draft>(store())
  return all.map(([, draft]) => draft).sort((one, other) => other.touched - one.touched)
}

export const forgetDraft = (id: string): Promise<void> => del(id, store())

/** Opens what was open when the page was left, in its order; what another tab has open is left to it. */
export async function restoreDrafts(): Promise<number> {
  const { tabs } = useElsewhere.getState()
  const left = (await listDrafts())
    .filter((draft) => draft.open && !isElsewhere(tabs, draft.id, draft.path))
    .reverse()
  for (const draft of left) openDocument(draft)
  return left.length
}

/** Keeps drafts from now on. Returns a function that ends it. */
export function keepDrafts(): () => void {
  const written = new Map<string, OpenDocument>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let last: string[] = []
  const write = () => {
    clearTimeout(timer)
    const { open, order } = useDocuments.getState()
    for (const id of order) {
      const document = open[id]
      if (document && written.get(id) !== document) {
        written.set(id, document)
        void set(id, draftOf(document, true), store()).catch(() => undefined)
      }
    }
    for (const id of last.filter((other) => !open[other])) void closeDraft(id, written)
    last = order
    void prune()
  }
  const leave = () => {
    if (document.visibilityState === 'hidden') write()
  }
  const stop = useDocuments.subscribe(() => {
    clearTimeout(timer)
    timer = setTimeout(write, PAUSE)
  })
  document.addEventListener('visibilitychange', leave)
  addEventListener('pagehide', write)
  return () => {
    stop()
    write()
    document.removeEventListener('visibilitychange', leave)
    removeEventListener('pagehide', write)
  }
}

async function closeDraft(id: string, written: Map<string, OpenDocument>): Promise<void> {
  const document = written.get(id)
  written.delete(id)
  if (document) await set(id, draftOf(document, false), store()).catch(() => undefined)
}

async function prune(): Promise<void> {
  const drafts = await listDrafts()
  const closed = drafts.filter((draft) => !draft.open)
  for (const draft of closed.slice(Math.max(0, KEPT - (drafts.length - closed.length))))
    await forgetDraft(draft.id)
}

const draftOf = (document: OpenDocument, open: boolean): Draft => ({
  id: document.id,
  title: document.title,
  path: document.path,
  tag: document.tag,
  workflow: document.workflow,
  dirty: isChanged(document),
  touched: document.touched,
  open,
})
