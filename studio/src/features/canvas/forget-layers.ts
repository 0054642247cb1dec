/** Layers outlive documents in the browser's storage: those of documents and drafts that are gone are forgotten. */
import { useDocuments } from '@/app/documents'
import { listDrafts } from '@/app/drafts'
import { canvasOf } from './canvas-document'
import { forgetOldLayers } from './layer-files'

let done = false

/** Once a visit, when the page has nothing better to do. */
export function forgetLayersOnce(): void {
  if (done) return
  done = true
  setTimeout(() => void forgetUnknownLayers().catch(() => undefined), 10_000)
}

/** Forgets what neither an open document nor a draft names, if it is old. */
export async function forgetUnknownLayers(now?: number): Promise<void> {
  const drafts = await listDrafts()
  const open = Object.values(useDocuments.getState().open)
  const layers = [...drafts, ...open].flatMap((document) => canvasOf(document?.workflow).layers)
  await forgetOldLayers(new Set(layers.map((layer) => layer.id)), now)
}
