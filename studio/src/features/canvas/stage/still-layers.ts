/**
 * Layers that do not change, drawn once at the screen's size: a stroke then costs one layer a frame, however many there are.
 */

import { drawLayer } from '../pixels/composite'
import { type Drawing, newCanvas } from '../pixels/surface'
import type { LayerRecord } from '../state/canvas-document'
import type { CanvasSession } from '../state/session'

export class StillLayers {
  private canvas: HTMLCanvasElement | null = null
  private key = ''
  /** The picture of `key` is in the canvas. */
  private kept = false

  /** Draws layers; from the second time on that nothing of them changed, their picture. */
  draw(context: Drawing, session: CanvasSession, layers: readonly LayerRecord[]): void {
    if (layers.length === 0) return
    const key = keyOf(context, session, layers)
    const same = key === this.key
    this.key = key
    if (!same) this.kept = false
    if (same && !this.kept) this.keep(context, session, layers)
    if (!this.kept || !this.canvas) {
      for (const layer of layers) drawLayer(context, session, layer)
      return
    }
    context.save()
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.drawImage(this.canvas, 0, 0)
    context.restore()
  }

  private keep(context: Drawing, session: CanvasSession, layers: readonly LayerRecord[]): void {
    const { width, height } = context.canvas
    const [canvas, own] = newCanvas(width, height)
    own.setTransform(context.getTransform())
    own.imageSmoothingEnabled = context.imageSmoothingEnabled
    for (const layer of layers) drawLayer(own, session, layer)
    this.canvas = canvas
    this.kept = true
  }
}

/** Everything that the layers' picture hangs on. */
function keyOf(context: Drawing, session: CanvasSession, layers: readonly LayerRecord[]): string {
  const { width, height } = context.canvas
  const { a, d, e, f } = context.getTransform()
  const parts = layers.map((layer) => [
    layer.id,
    session.surfaces.get(layer.id)?.version,
    layer.opacity,
    layer.blend,
    session.live.get(layer.id) ?? layer.matrix,
  ])
  return JSON.stringify([width, height, a, d, e, f, session.state.getState().active, parts])
}
