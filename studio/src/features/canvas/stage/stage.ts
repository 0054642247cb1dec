/**
 * The canvas on the screen: Konva draws, this tells it what. Never read from, only written to.
 *
 * One Konva layer holds the picture (each raster or mask layer is one image), one the marks over it, so that moving the
 * pointer or the box does not draw the picture anew.
 */
import { Group } from 'konva/lib/Group'
import { Layer } from 'konva/lib/Layer'
import { Shape } from 'konva/lib/Shape'
import { Stage } from 'konva/lib/Stage'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { drawingOrder, drawLayer, layerBounds } from '../pixels/composite'
import { type Drawing, newCanvas } from '../pixels/surface'
import { stagingOf } from '../staging/staging'
import { useCanvasStore } from '../state/canvas-store'
import { type Point, type Rect, union } from '../state/geometry'
import type { CanvasSession } from '../state/session'
import { type Tool, toolOf } from '../toolbox/tool'
import { drawMarks } from './marks'
import { listenForPointers } from './stage-pointers'
import { StillLayers } from './still-layers'

export interface View {
  /** Screen pixels for one of the document's. */
  scale: number
  x: number
  y: number
}

const SMALLEST = 0.02
const LARGEST = 32
/** From here on pixels are shown as squares. */
const SQUARE_PIXELS = 3
const MARGIN = 48

export class CanvasStage {
  readonly view: StoreApi<View>
  /** The box while it is being dragged. */
  liveBox: Rect | null = null
  private readonly stage: Stage
  private readonly world = new Group({ listening: false })
  private readonly picture = new Layer({ listening: false })
  private readonly marks = new Layer({ listening: false })
  private readonly checker: CanvasPattern
  private readonly endings: (() => void)[] = []
  private readonly below = new StillLayers()
  private readonly above = new StillLayers()
  private fitted = false
  /** The document's box when it was last drawn. */
  private drawnBox: Rect | null = null

  constructor(
    readonly host: HTMLDivElement,
    readonly session: CanvasSession,
  ) {
    this.view = viewOf(session)
    this.fitted = seen.has(session)
    this.stage = new Stage({ container: host, width: host.clientWidth, height: host.clientHeight })
    this.checker = checkerPattern()
    this.build()
    const observer = new ResizeObserver(() => this.resize())
    observer.observe(host)
    this.endings.push(
      () => observer.disconnect(),
      session.watch(() => this.draw()),
      session.state.subscribe(() => this.draw()),
      useCanvasStore.subscribe((state, before) => this.switchTool(state.tool, before.tool)),
      listenForPointers(this),
    )
    this.resize()
  }

  destroy(): void {
    this.tool.cancel?.(this)
    for (const end of this.endings) end()
    this.stage.destroy()
  }

  get tool(): Tool {
    return toolOf(useCanvasStore.getState().tool)
  }

  get box(): Rect {
    return this.liveBox ?? this.session.canvas.box
  }

  /** Draws everything anew in the next frame. */
  draw(): void {
    if (!this.fitted && this.box.width > 0) this.fit()
    this.follow()
    this.picture.batchDraw()
    this.marks.batchDraw()
  }

  /** Draws the picture anew, not the marks: for strokes. */
  drawPicture(): void {
    this.picture.batchDraw()
  }

  drawMarks(): void {
    this.marks.batchDraw()
  }

  toDocument({ x, y }: Point): Point {
    const { scale, x: left, y: top } = this.view.getState()
    return { x: (x - left) / scale, y: (y - top) / scale }
  }

  toScreen({ x, y }: Point): Point {
    const { scale, x: left, y: top } = this.view.getState()
    return { x: x * scale + left, y: y * scale + top }
  }

  rectToScreen({ x, y, width, height }: Rect): Rect {
    const { scale } = this.view.getState()
    return { ...this.toScreen({ x, y }), width: width * scale, height: height * scale }
  }

  pan(x: number, y: number): void {
    const view = this.view.getState()
    this.look({ ...view, x: view.x + x, y: view.y + y })
  }

  /** Zooms so that what is at `at` (on the stage) stays there. */
  zoom(factor: number, at: Point = this.middle): void {
    const view = this.view.getState()
    const scale = Math.min(LARGEST, Math.max(SMALLEST, view.scale * factor))
    const real = scale / view.scale
    this.look({ scale, x: at.x - (at.x - view.x) * real, y: at.y - (at.y - view.y) * real })
  }

  zoomTo(scale: number): void {
    this.zoom(scale / this.view.getState().scale)
  }

  /** Makes sure that all of a rectangle is in view. */
  show(rect: Rect): void {
    if (!this.sees(rect)) this.fit()
  }

  private sees(rect: Rect): boolean {
    const { x, y, width, height } = this.rectToScreen(rect)
    const { clientWidth, clientHeight } = this.host
    return x >= 0 && y >= 0 && x + width <= clientWidth && y + height <= clientHeight
  }

  /** A box that was in view stays in view when it gets another size: a first picture is seen whole. */
  private follow(): void {
    const { box } = this.session.canvas
    const before = this.drawnBox
    this.drawnBox = box
    if (before && before !== box && this.fitted && this.sees(before) && !this.sees(box)) this.fit()
  }

  /** Shows the box and all layers, as large as they go. */
  fit(rect: Rect | null = this.everything()): void {
    const { clientWidth, clientHeight } = this.host
    if (!rect || rect.width <= 0 || clientWidth === 0) return
    this.fitted = true
    seen.add(this.session)
    const margin = Math.min(MARGIN, clientWidth / 12)
    const scale = Math.min(
      (clientWidth - 2 * margin) / rect.width,
      (clientHeight - 2 * margin) / rect.height,
      4,
    )
    this.look({
      scale: Math.max(SMALLEST, scale),
      x: clientWidth / 2 - (rect.x + rect.width / 2) * scale,
      y: clientHeight / 2 - (rect.y + rect.height / 2) * scale,
    })
  }

  private get middle(): Point {
    return { x: this.host.clientWidth / 2, y: this.host.clientHeight / 2 }
  }

  private everything(): Rect | null {
    const { session } = this
    const visible = session.canvas.layers.filter((layer) => layer.visible)
    return union([
      this.box.width > 0 ? this.box : null,
      ...visible.map((layer) => layerBounds(session, layer)),
    ])
  }

  private look(view: View): void {
    this.view.setState(view)
    this.world.setAttrs({ x: view.x, y: view.y, scaleX: view.scale, scaleY: view.scale })
    this.draw()
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.host
    this.stage.size({ width: clientWidth, height: clientHeight })
    if (!this.fitted) this.fit()
    else this.look(this.view.getState())
  }

  private switchTool(now: string, before: string): void {
    if (now !== before) toolOf(before).cancel?.(this)
    this.host.style.cursor = this.tool.cursor === 'ring' ? 'none' : this.tool.cursor
    this.drawMarks()
  }

  private build(): void {
    this.world.add(new Shape({ listening: false, sceneFunc: (context) => this.paint(native(context)) }))
    this.picture.add(this.world)
    this.picture.add(
      new Shape({ listening: false, sceneFunc: (context) => this.paintGround(native(context)) }),
    )
    this.marks.add(new Shape({ listening: false, sceneFunc: (context) => drawMarks(native(context), this) }))
    this.stage.add(this.picture, this.marks)
    this.switchTool('', '')
  }

  private paint(context: Drawing): void {
    const { scale } = this.view.getState()
    context.imageSmoothingEnabled = scale < SQUARE_PIXELS
    // Better smoothing makes smaller copies of every layer in every frame.
    context.imageSmoothingQuality = 'low'
    this.paintLayers(context)
    const shown = stagingOf(this.session).shown()
    if (shown) context.drawImage(shown.image, shown.rect.x, shown.rect.y, shown.rect.width, shown.rect.height)
  }

  /** The layer that is worked on, and those below and above it as one picture each. */
  private paintLayers(context: Drawing): void {
    const { session } = this
    const layers = drawingOrder(session.canvas)
    const { active } = session.state.getState()
    const at = Math.max(
      0,
      layers.findIndex((layer) => layer.id === active),
    )
    this.below.draw(context, session, layers.slice(0, at))
    const [own, ...above] = layers.slice(at)
    if (own) drawLayer(context, session, own)
    // How these are laid on hangs on what lies below them, so they cannot be joined before.
    if (above.some((layer) => layer.blend !== 'source-over'))
      for (const layer of above) drawLayer(context, session, layer)
    else this.above.draw(context, session, above)
  }

  /** Under everything, where it is transparent within the box. */
  private paintGround(context: Drawing): void {
    const { box } = this
    if (box.width <= 0) return
    const { x, y, width, height } = this.rectToScreen(box)
    context.save()
    context.globalCompositeOperation = 'destination-over'
    context.fillStyle = this.checker
    context.translate(x, y)
    context.fillRect(0, 0, width, height)
    context.restore()
  }
}

/** The browser's own context below Konva's. */
const native = (context: { _context: unknown }): Drawing => context._context as Drawing

const views = new WeakMap<CanvasSession, StoreApi<View>>()

/** Sessions that were looked at before: they stay where they were. */
const seen = new WeakSet<CanvasSession>()

/** Where one looks at a document's canvas. */
export function viewOf(session: CanvasSession): StoreApi<View> {
  const known = views.get(session)
  if (known) return known
  const view = createStore<View>(() => ({ scale: 1, x: 0, y: 0 }))
  views.set(session, view)
  return view
}

function checkerPattern(): CanvasPattern {
  const [tile, context] = newCanvas(16, 16)
  context.fillStyle = '#4a4a4a'
  context.fillRect(0, 0, 16, 16)
  context.fillStyle = '#3d3d3d'
  context.fillRect(0, 0, 8, 8)
  context.fillRect(8, 8, 8, 8)
  return context.createPattern(tile, 'repeat')!
}
