/**
 * Documents and files: save, save as, open, export. Drafts are kept by themselves (see drafts); a file is written only
 * when somebody says so, and never over what somebody else saved in the meantime without asking.
 */
import { create } from 'zustand'
import { onRounded } from '@/doc/exact-numbers'
import { readDocument } from '@/doc/read'
import type { Workflow } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { loadDefinitions } from '@/net/definitions'
import { Conflict, convertToApi, listSaved, readSaved, SAVED, type Theirs, writeSaved } from '@/net/workflows'
import { announce } from '@/ui/announce'
import { toast } from '@/ui/toasts'
import { queries } from './connection'
import {
  activeDocument,
  markSaved,
  type OpenDocument,
  openDocument,
  showDocument,
  useDocuments,
} from './documents'
import { copyName, fileNameOf, titleOfFile } from './file-names'

type Shown =
  | { kind: 'none' }
  | { kind: 'open' }
  | { kind: 'save-as'; id: string }
  | { kind: 'versions'; id: string }
  | { kind: 'conflict'; id: string; path: string; theirs: Theirs | null }

/** Which dialog about files is open. */
export const useFileDialog = create<{ shown: Shown }>(() => ({ shown: { kind: 'none' } }))

export const showFileDialog = (shown: Shown): void => useFileDialog.setState({ shown })
export const closeFileDialog = (): void => showFileDialog({ kind: 'none' })

/** Saves the document where it was saved before, else asks for a name. */
export async function save(id = useDocuments.getState().active): Promise<void> {
  const document = useDocuments.getState().open[id]
  if (!document) return
  if (!document.path) return showFileDialog({ kind: 'save-as', id })
  await write(document, document.path, { tag: document.tag })
}

export function saveAs(id = useDocuments.getState().active): void {
  if (useDocuments.getState().open[id]) showFileDialog({ kind: 'save-as', id })
}

/** Saves under a name. Resolves to false if another file has it and `over` is not set. */
export async function saveUnder(id: string, name: string, over: boolean): Promise<boolean> {
  const document = useDocuments.getState().open[id]
  if (!document) return true
  try {
    await put(document, fileNameOf(name), over ? 'any' : 'new')
    return true
  } catch (error) {
    if (error instanceof Conflict) return false
    tell(error)
    return true
  }
}

/** Ends a conflict: mine is written over theirs, theirs takes its place, or mine becomes a file of its own. */
export async function resolveConflict(choice: 'mine' | 'theirs' | 'copy'): Promise<void> {
  const { shown } = useFileDialog.getState()
  if (shown.kind !== 'conflict') return
  closeFileDialog()
  const document = useDocuments.getState().open[shown.id]
  if (!document) return
  try {
    if (choice === 'theirs' && shown.theirs) await takeTheirs(document, shown.path, shown.theirs)
    else if (choice === 'copy') {
      const taken = (await listSaved()).map((entry) => entry.name)
      await put(document, copyName(shown.path, taken), 'new')
    } else if (choice === 'mine') {
      await write(document, shown.path, shown.theirs ? { tag: `"${shown.theirs.etag}"` } : 'new')
    }
  } catch (error) {
    tell(error)
  }
}

async function takeTheirs(document: OpenDocument, path: string, theirs: Theirs): Promise<void> {
  const { workflow } = readDocument(theirs.workflow, await loadDefinitions(queries))
  useDocuments.setState((state) => ({
    open: {
      ...state.open,
      [document.id]: { ...document, workflow, past: [], future: [], touched: Date.now() },
    },
  }))
  markSaved(document.id, path, `"${theirs.etag}"`)
  announce(t('The saved file was opened.'))
}

async function write(
  document: OpenDocument,
  path: string,
  condition: Parameters<typeof writeSaved>[2],
): Promise<void> {
  try {
    await put(document, path, condition)
  } catch (error) {
    if (error instanceof Conflict)
      showFileDialog({ kind: 'conflict', id: document.id, path, theirs: error.theirs })
    else tell(error)
  }
}

async function put(
  document: OpenDocument,
  path: string,
  condition: Parameters<typeof writeSaved>[2],
): Promise<void> {
  const tag = await writeSaved(path, document.workflow, condition)
  markSaved(document.id, path, tag, document.revision)
  announce(t('Saved {{name}}', { name: path }))
  toast({ text: t('Saved as {{name}}.', { name: path }), tone: 'ok', lasts: 3_000 })
  void queries.invalidateQueries({ queryKey: SAVED })
}

/** Opens a saved workflow in a tab, or shows the tab that has it. */
export async function openSaved(name: string): Promise<string> {
  const { open, order } = useDocuments.getState()
  const there = order.find((id) => open[id]?.path === name)
  if (there) {
    showDocument(there)
    return there
  }
  const { workflow, tag } = await readSaved(name)
  const read = readDocument(workflow, await loadDefinitions(queries))
  return openDocument({ workflow: read.workflow, title: titleOfFile(name), path: name, tag })
}

/** Opens what was in a file in a new tab; it is saved nowhere yet. */
export async function openWritten(written: unknown, name: string): Promise<string> {
  const read = readDocument(written, await loadDefinitions(queries))
  return openDocument({ workflow: read.workflow, title: titleOfFile(name), dirty: true })
}

export type ExportForm = 'workflow' | 'api' | 'app'

/** Sends the active document to the browser's downloads. */
export async function exportDocument(form: ExportForm): Promise<void> {
  const document = activeDocument()
  if (!document) return
  try {
    const content = form === 'api' ? await convertToApi(document.workflow) : document.workflow
    const end = { workflow: '.json', api: '.api.json', app: '.app.json' }[form]
    download(
      JSON.stringify(content, null, 2),
      `${titleOfFile(fileNameOf(document.title)) || 'workflow'}${end}`,
    )
  } catch (error) {
    tell(error)
  }
}

function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

export const isApp = (workflow: Workflow): boolean =>
  workflow.extra?.studio?.form !== undefined || workflow.extra?.linearData !== undefined

let warned = false
onRounded(() => {
  if (!warned)
    toast({
      text: t('This browser rounds very large seeds: they change when they are saved or run.'),
      tone: 'warn',
    })
  warned = true
})

function tell(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  toast({ text: t('This could not be saved: {{message}}', { message }), tone: 'err' })
}
