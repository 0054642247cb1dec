/**
 * A document's canvas while the page is open: pixels of its layers, their history, what is selected and active.
 *
 * The document says which layers there are and which state their pixels are in; this brings the pixels there.
 */
import { createStore } from 'zustand/vanilla'
import { useDocuments } from '@/app/documents'
import { t } from '@/i18n/text'
import { toast } from '@/ui/toasts'
import { PixelHistory } from '../pixels/history'
import { keepTiles, readTiles, stepStorage } from '../pixels/layer-files'
import { type Packed, pack, unpack } from '../pixels/packing'
import { type Drawing, Surface } from '../pixels/surface'
import { type TileKey, tilesOf } from '../pixels/tiles'
import {
  type CanvasDocument,
  canvasOf,
  editCanvas,
  insertLayer,
  type LayerKind,
  type LayerRecord,
  layerOf,
  MASK_COLOURS,
  newLayer,
  newName,
  readOpenCanvas,
} from './canvas-document'
import { type Matrix, type Point, type Rect, union } from './geometry'

/** What is selected: closed lines, in the document's pixels. */
export type Selection = readonly (readonly Point[])[]

export interface SessionState {
  active: string
  selection: Selection | null
  /** Layers whose pixels are on their way. */
  loading: readonly string[]
  /** Layers whose pixels are not in this browser. */
  lost: readonly string[]
  /** Counts changes of pixels, by layer: thumbnails follow it. */
  ticks: Readonly<Record<string, number>>
}

type Listener = () => void

const PAUSE = 1_000

export class CanvasSession {
  readonly state = createStore<SessionState>(() => ({
    active: '',
    selection: null,
    loading: [],
    lost: [],
    ticks: {},
  }))
  readonly surfaces = new Map<string, Surface>()
  /** Where layers are shown while they are being dragged. */
  readonly live = new Map<string, Matrix>()
  private readonly history = new PixelHistory(pack, stepStorage)
  private readonly listeners = new Set<Listener>()
  private readonly unsaved = new Map<string, Set<TileKey>>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private turn: Promise<void> = Promise.resolve()
  private seen: CanvasDocument | null = null

  constructor(
    readonly document: string,
    copies: ReadonlyMap<string, Surface> = new Map(),
  ) {
    for (const [id, surface] of copies) {
      this.surfaces.set(id, surface)
      this.keep(id, tilesOf(surface.bounds))
    }
    useDocuments.subscribe(() => this.follow())
    addEventListener('pagehide', () => void this.save())
    this.follow()
  }

  get canvas(): CanvasDocument {
    return canvasOf(useDocuments.getState().open[this.document]?.workflow)
  }

  get active(): LayerRecord | undefined {
    return layerOf(this.canvas, this.state.getState().active)
  }

  /** Calls back whenever something that is drawn has changed. */
  watch(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  redraw(): void {
    for (const listener of this.listeners) listener()
  }

  change(label: string, change: (canvas: CanvasDocument) => void, merge = ''): void {
    editCanvas(this.document, label, change, { merge })
  }

  /** Changes one layer's record. */
  changeLayer(id: string, label: string, change: Partial<LayerRecord>, merge = ''): void {
    this.change(
      label,
      (canvas) => {
        const layer = layerOf(canvas, id)
        if (layer) Object.assign(layer, change)
      },
      merge && `${merge}:${id}`,
    )
  }

  activate(id: string): void {
    this.state.setState({ active: id })
  }

  /** The active layer's surface, ready to be painted on; says why if it cannot be. */
  paintable(kinds?: readonly LayerKind[]): { layer: LayerRecord; surface: Surface } | null {
    const layer = this.active
    const surface = layer && this.surfaces.get(layer.id)
    const refusal = !layer
      ? t('Choose a layer first.')
      : layer.locked
        ? t('“{{name}}” is locked.', { name: layer.name })
        : !layer.visible
          ? t('“{{name}}” is hidden.', { name: layer.name })
          : kinds && !kinds.includes(layer.kind)
            ? t('This tool needs a layer of pixels.')
            : ''
    if (!refusal && layer && surface && surface.revision === layer.pixels) return { layer, surface }
    if (refusal) toast({ text: refusal, lasts: 3_000 })
    return null
  }

  /** Ends a change of a layer's pixels: one step of undo. `also` changes the document in the same step. */
  commit(id: string, label: string, also?: (canvas: CanvasDocument) => void): void {
    const surface = this.surfaces.get(id)
    if (!surface) return
    const changes = surface.finish()
    if (changes.length === 0 && !also) return
    const from = surface.revision
    const to = changes.length > 0 ? newName('pixels') : from
    if (changes.length > 0) {
      surface.revision = to
      void this.history.record(id, from, to, changes).catch(() => undefined)
      this.keep(
        id,
        changes.map((change) => change.key),
      )
    }
    this.change(label, (canvas) => {
      const layer = layerOf(canvas, id)
      if (layer) layer.pixels = to
      also?.(canvas)
    })
    this.tick(id)
  }

  /** Draws on a layer as one step. */
  paint(id: string, label: string, rect: Rect, draw: (context: Drawing) => void): void {
    const surface = this.surfaces.get(id)
    if (!surface) return
    surface.begin()
    if (surface.touch(rect)) surface.draw(draw)
    this.commit(id, label)
  }

  /** Adds a layer, with pixels if `draw` makes some; returns its record. */
  add(
    kind: LayerKind,
    label: string,
    given: Partial<LayerRecord> & { above?: string } = {},
    pixels?: { rect: Rect; draw: (context: Drawing) => void },
    also?: (canvas: CanvasDocument) => void,
  ): LayerRecord {
    const { above = this.state.getState().active, ...rest } = given
    const peers = this.canvas.layers.filter((layer) => layer.kind === kind).length
    const tinted = kind === 'mask' || kind === 'region'
    const layer = {
      ...newLayer(
        kind,
        `${nameOfKind(kind)} ${peers + 1}`,
        tinted ? MASK_COLOURS[(peers + (kind === 'region' ? 1 : 0)) % MASK_COLOURS.length] : '',
      ),
      ...rest,
      pixels: newName('pixels'),
    }
    const surface = new Surface(pixels?.rect)
    surface.revision = layer.pixels
    if (pixels) surface.draw(pixels.draw)
    this.surfaces.set(layer.id, surface)
    this.keep(layer.id, pixels ? tilesOf(pixels.rect) : [])
    this.change(label, (canvas) => {
      insertLayer(canvas, layer, above)
      also?.(canvas)
    })
    this.activate(layer.id)
    this.tick(layer.id)
    return layer
  }

  /** Where a layer has content, in the document's pixels. */
  boundsOf(layer: LayerRecord): Rect | null {
    return this.surfaces.get(layer.id)?.contentBounds() ?? null
  }

  /** Everything that is visible and is a picture. */
  contentBounds(boundsOf: (layer: LayerRecord) => Rect | null): Rect | null {
    return union(this.canvas.layers.filter((layer) => layer.visible && layer.kind === 'raster').map(boundsOf))
  }

  tick(id: string): void {
    this.state.setState(({ ticks }) => ({ ticks: { ...ticks, [id]: (ticks[id] ?? 0) + 1 } }))
    this.redraw()
  }

  /** Resolves when the pixels are in the state that the document names. */
  settled(): Promise<void> {
    return this.turn
  }

  private follow(): void {
    const { canvas } = this
    if (canvas === this.seen) return
    this.seen = canvas
    for (const layer of canvas.layers) {
      const surface = this.surfaces.get(layer.id)
      if (!surface) this.load(layer)
      else if (surface.revision !== layer.pixels) this.bring(layer.id)
    }
    const { active } = this.state.getState()
    if (!layerOf(canvas, active)) {
      const top = canvas.layers.findLast((layer) => layer.kind === 'raster') ?? canvas.layers.at(-1)
      this.activate(top?.id ?? '')
    }
    this.redraw()
  }

  private load(layer: LayerRecord): void {
    this.surfaces.set(layer.id, new Surface())
    this.mark('loading', layer.id, true)
    this.queue(async () => {
      const file = await readTiles(layer.id).catch(() => null)
      const surface = this.surfaces.get(layer.id)!
      await this.write(surface, file?.tiles ?? [])
      surface.revision = layer.pixels
      this.mark('loading', layer.id, false)
      this.mark('lost', layer.id, file === null && layer.pixels !== '')
      this.tick(layer.id)
      if (layerOf(this.canvas, layer.id)?.pixels !== layer.pixels) this.bring(layer.id)
    })
  }

  /** Brings a layer's pixels to the state that the document names. */
  private bring(id: string): void {
    this.queue(async () => {
      const surface = this.surfaces.get(id)
      const wanted = layerOf(this.canvas, id)?.pixels
      if (!surface || wanted === undefined || surface.revision === wanted) return
      const writes = await this.history.way(id, surface.revision, wanted)
      if (writes) {
        await this.write(
          surface,
          writes.map(({ key, pixels }) => [key, pixels]),
        )
        this.keep(
          id,
          writes.map(({ key }) => key),
        )
      } else toast({ text: t('History is limited: these pixels are not kept any more.'), tone: 'warn' })
      surface.revision = wanted
      this.tick(id)
    })
  }

  private async write(surface: Surface, tiles: [TileKey, Packed][]): Promise<void> {
    const pixels = await Promise.all(tiles.map(async ([key, packed]) => [key, await unpack(packed)] as const))
    for (const [key, data] of pixels) surface.writeTile(key, data)
  }

  private queue(work: () => Promise<void>): void {
    this.turn = this.turn.then(work).catch((error: unknown) => {
      toast({ text: t('A layer could not be read: {{message}}', { message: String(error) }), tone: 'err' })
    })
  }

  private mark(which: 'loading' | 'lost', id: string, on: boolean): void {
    this.state.setState((state) => {
      const rest = state[which].filter((other) => other !== id)
      return { [which]: on ? [...rest, id] : rest }
    })
  }

  private keep(id: string, keys: readonly TileKey[]): void {
    const known = this.unsaved.get(id) ?? new Set()
    for (const key of keys) known.add(key)
    this.unsaved.set(id, known)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.save(), PAUSE)
  }

  /** Writes what changed to the browser's storage. */
  async save(): Promise<void> {
    clearTimeout(this.timer)
    const all = [...this.unsaved]
    this.unsaved.clear()
    for (const [id, keys] of all) {
      const surface = this.surfaces.get(id)
      if (!surface) continue
      try {
        const { revision } = surface
        const packed = await Promise.all(
          [...keys].map(async (key) => [key, await pack(surface.readTile(key))] as const),
        )
        await keepTiles(id, revision, new Map(packed))
      } catch {
        // The browser has no room, or allows none: what is on the screen is still right, and is tried again.
        this.unsaved.set(id, new Set([...keys, ...(this.unsaved.get(id) ?? [])]))
      }
    }
  }
}

export const nameOfKind = (kind: LayerKind): string =>
  ({
    mask: t('Mask'),
    region: t('Region'),
    control: t('Control'),
    reference: t('Reference'),
    raster: t('Layer'),
  })[kind]

const sessions = new Map<string, CanvasSession>()

/** A document that was duplicated names the layers of the other one: it gets layers of its own, with the same pixels. */
function separateCopies(document: string): ReadonlyMap<string, Surface> {
  const copies = new Map<string, Surface>()
  const others = [...sessions.values()]
  const shared = readOpenCanvas(document).layers.flatMap(({ id }) => {
    const original = others.find((session) => session.surfaces.has(id))?.surfaces.get(id)
    return original ? [{ id, original, own: newName('layer') }] : []
  })
  if (shared.length === 0) return copies
  for (const { original, own } of shared) copies.set(own, original.copy())
  editCanvas(
    document,
    '',
    (canvas) => {
      for (const layer of canvas.layers) layer.id = shared.find(({ id }) => id === layer.id)?.own ?? layer.id
    },
    { silent: true },
  )
  return copies
}

/** The session of a document; it stays while the page does, so that undo survives a look at another screen. */
export function sessionOf(document: string): CanvasSession {
  const known = sessions.get(document)
  if (known) return known
  const copies = separateCopies(document)
  const session = new CanvasSession(document, copies)
  sessions.set(document, session)
  return session
}
