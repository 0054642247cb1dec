/** Apps that are open: documents like any other, but in no tab. Their values stay while the page is open. */
import { produce } from 'immer'
import type { Workflow } from '@/doc/workflow'
import { type OpenDocument, useDocuments } from './documents'

export const documentId = (app: string): string => `app:${app}`

/** Opens an app's workflow as a document without a tab, unless it is open. `fresh` begins anew. */
export function openApp(app: string, title: string, workflow: Workflow, fresh = false): string {
  const id = documentId(app)
  if (!fresh && useDocuments.getState().open[id]) return id
  const document: OpenDocument = {
    id,
    title,
    path: '',
    tag: '',
    workflow: produce(workflow, () => undefined),
    past: [],
    future: [],
    revision: 0,
    saved: 0,
    touched: Date.now(),
  }
  useDocuments.setState((state) => ({ open: { ...state.open, [id]: document } }))
  return id
}

/** Forgets an app's open document, so that the next look reads it again. */
export function forgetApp(app: string): void {
  useDocuments.setState(({ open }) => {
    const { [documentId(app)]: _, ...rest } = open
    return { open: rest }
  })
}
