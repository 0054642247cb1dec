/** The box: what the model sees and how large the result is. Its sides are on the model's grid. */
import { create } from 'zustand'
import { type Size, type SizeLimits, snap } from '@/form/sizes'
import { t } from '@/i18n/text'
import { isPicture, layerBounds } from '../pixels/composite'
import { layerOf } from '../state/canvas-document'
import { overlap, type Rect, union, wholePixels } from '../state/geometry'
import type { CanvasSession } from '../state/session'

/** What the chosen model can do; told by the settings panel when the server has said it. */
export const useSizes = create<SizeLimits>(() => ({ multiple: 8, min: 64, max: 2048, pixels: 0 }))

/** Larger boxes are drawn smaller and scaled to fit, so the box itself may be larger than the model's largest side. */
const LARGEST_BOX = 8192

/** A size on the model's grid. */
export const snapSize = (sizes: SizeLimits, width: number, height: number): Size => {
  const limits = { ...sizes, max: LARGEST_BOX, min: sizes.multiple }
  return { width: snap(width, limits), height: snap(height, limits) }
}

/** What the model draws at for a box of a size: the same, or as near to it as the model goes. */
export function drawnSize(sizes: SizeLimits, box: Size, wanted: Size | null): Size {
  if (wanted) return { width: snap(wanted.width, sizes), height: snap(wanted.height, sizes) }
  const large = sizes.pixels ? Math.sqrt((sizes.pixels * 4) / (box.width * box.height)) : 1
  const least = Math.max(1, sizes.min / Math.min(box.width, box.height))
  const scale = Math.min(1, sizes.max / Math.max(box.width, box.height), large) * least
  return { width: snap(box.width * scale, sizes), height: snap(box.height * scale, sizes) }
}

export function setBox(session: CanvasSession, box: Rect, label = t('Change the box'), merge = ''): void {
  const { width, height } = snapSize(useSizes.getState(), box.width, box.height)
  session.change(
    label,
    (canvas) => {
      canvas.box = { x: Math.round(box.x), y: Math.round(box.y), width, height }
    },
    merge,
  )
}

/** Fits the box around a layer, all masks, or every picture. Returns whether there was something. */
export function fitBox(session: CanvasSession, to: 'layer' | 'masks' | 'canvas', id = ''): boolean {
  const { canvas } = session
  const layer = layerOf(canvas, id || session.state.getState().active)
  const meant =
    to === 'layer'
      ? layer
        ? [layer]
        : []
      : canvas.layers.filter((one) => one.visible && (to === 'masks' ? one.kind === 'mask' : isPicture(one)))
  const found = union(meant.map((one) => layerBounds(session, one)))
  if (!found) return false
  setBox(session, to === 'masks' ? roomAround(session, found) : wholePixels(found), t('Fit the box'))
  return true
}

/** Masks need something of the picture around them for the model to go by. */
function roomAround(session: CanvasSession, rect: Rect): Rect {
  const room = Math.max(rect.width, rect.height) * 0.35
  const { min } = useSizes.getState()
  const side = Math.max(rect.width, rect.height, min - 2 * room) + 2 * room
  const wide = wholePixels({
    x: rect.x + rect.width / 2 - side / 2,
    y: rect.y + rect.height / 2 - side / 2,
    width: side,
    height: side,
  })
  const pictures = union(session.canvas.layers.filter(isPicture).map((one) => layerBounds(session, one)))
  return (pictures && overlap(wide, pictures)) ?? wide
}

export type Side = 'left' | 'top' | 'right' | 'bottom'

/** Moves one edge outward, for the model to go on beyond the picture: by half the side, on the grid. */
export function extendBox(session: CanvasSession, side: Side): void {
  const { box } = session.canvas
  const { multiple } = useSizes.getState()
  const across = side === 'left' || side === 'right'
  const by = Math.max(multiple, Math.round((across ? box.width : box.height) / 2 / multiple) * multiple)
  setBox(
    session,
    {
      x: box.x - (side === 'left' ? by : 0),
      y: box.y - (side === 'top' ? by : 0),
      width: box.width + (across ? by : 0),
      height: box.height + (across ? 0 : by),
    },
    t('Extend the box'),
  )
}
