/** What an app can be run on: a layer, what is selected, or everything that one sees in the box. */
import { create } from 'zustand'
import { selectionPicture } from '../box/box-contents'
import { pngOf, workAlpha } from '../box/box-thread'
import type { Alpha } from '../pixels/alpha'
import { isPicture, layerBounds, picture } from '../pixels/composite'
import type { LayerRecord } from '../state/canvas-document'
import { overlap, type Rect, wholePixels } from '../state/geometry'
import { selectionBounds } from '../state/selection'
import type { CanvasSession } from '../state/session'

export type SourceKind = 'layer' | 'selection' | 'visible'

/** What the dialog was opened for; null: it is closed. */
export const useAppSource = create<{ source: SourceKind | null }>(() => ({ source: null }))

/** Asks for an app for the active layer, or for what is selected of the picture. */
export const chooseApp = (source: SourceKind): void => useAppSource.setState({ source })

/** What people mean who have not said: the selection if there is one, else what they see. */
export const usualSource = (session: CanvasSession): SourceKind =>
  session.state.getState().selection ? 'selection' : 'visible'

/** Layers that are pictures, or steer with one. */
const hasPicture = (layer: LayerRecord | undefined): layer is LayerRecord =>
  layer !== undefined && layer.kind !== 'mask' && layer.kind !== 'region'

/** Where the picture lies that the app gets, in the document's pixels; null: there is none. */
export function rectOfSource(session: CanvasSession, kind: SourceKind): Rect | null {
  const { box, layers } = session.canvas
  const { selection } = session.state.getState()
  if (kind === 'layer') {
    const { active } = session
    const bounds = hasPicture(active) ? layerBounds(session, active) : null
    return bounds && wholePixels(bounds)
  }
  const seen = layers.some(
    (layer) => layer.visible && isPicture(layer) && overlap(layerBounds(session, layer) ?? NOWHERE, box),
  )
  if (!seen) return null
  if (kind === 'visible') return box
  const chosen = selection && overlap(wholePixels(selectionBounds(selection)), box)
  return chosen && chosen.width > 0 && chosen.height > 0 ? chosen : null
}

const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 }

/** The picture itself, at a scale. */
export function pictureOfSource(
  session: CanvasSession,
  kind: SourceKind,
  rect: Rect,
  scale = 1,
): HTMLCanvasElement {
  const { active } = session.state.getState()
  const wanted = kind === 'layer' ? (layer: LayerRecord) => layer.id === active : isPicture
  return picture(session, rect, wanted, { scale })
}

/** The picture as a file. */
export const fileOfSource = (session: CanvasSession, kind: SourceKind, rect: Rect): Promise<Blob> =>
  pngOf(pictureOfSource(session, kind, rect))

/** Which part of the result counts: what is selected, or all. */
export async function alphaOfSource(
  session: CanvasSession,
  kind: SourceKind,
  rect: Rect,
): Promise<Alpha | null> {
  if (kind !== 'selection') return null
  const selection = await createImageBitmap(selectionPicture(session, rect))
  return workAlpha({ turn: 'alpha', masks: [], selection })
}
