/** Layers outlive documents in the browser's storage: those of documents and drafts that are gone are forgotten. */
import { useDocuments } from '@/app/documents'
import { listDrafts } from '@/app/drafts'
import { canvasOf } from '../state/canvas-document'
import { forgetOldLayers } from './layer-files'

let done = false

/** Of the room that the browser gives; below it nothing is forgotten, since a saved document may still name old layers. */
const CROWDED = 0.5

/** Once a visit, when the page has nothing better to do and the browser's storage gets short. */
export function forgetLayersOnce(): void {
  if (done) return
  done = true
  setTimeout(() => void forgetIfCrowded().catch(() => undefined), 10_000)
}

async function forgetIfCrowded(): Promise<void> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {}
  if (quota > 0 && usage / quota > CROWDED) await forgetUnknownLayers()
}

/** Forgets what neither an open document nor a draft names, if it is old. */
export async function forgetUnknownLayers(now?: number): Promise<void> {
  const drafts = await listDrafts()
  const open = Object.values(useDocuments.getState().open)
  const layers = [...drafts, ...open].flatMap((document) => canvasOf(document?.workflow).layers)
  await forgetOldLayers(new Set(layers.map((layer) => layer.id)), now)
}
