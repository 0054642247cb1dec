/**
 * What a document keeps of its canvas (`extra.studio.canvas`): the layers, the box and the settings. Pixels lie elsewhere.
 *
 * Every change of it is a step of the document's undo.
 */
import { edit, useDocuments } from '@/app/documents'
import type { Workflow } from '@/doc/workflow'
import { IDENTITY, type Matrix, type Rect } from './geometry'

/** In the order of the panel, from the top. */
export const KINDS = ['mask', 'region', 'control', 'reference', 'raster'] as const
export type LayerKind = (typeof KINDS)[number]

export interface LayerRecord {
  id: string
  kind: LayerKind
  name: string
  visible: boolean
  locked: boolean
  opacity: number
  blend: GlobalCompositeOperation
  /** From the layer's own pixels to the document's. */
  matrix: Matrix
  /** Which state of its pixels belongs here. */
  pixels: string
  /** How masks and regions are shown. */
  colour?: string
  /** Of masks: how far the edge fades, in pixels. */
  feather?: number
  /** Of regions. */
  prompt?: string
  negative?: string
  /** Of control layers. */
  control?: ControlRecord
}

export interface ControlRecord {
  model: string
  strength: number
  start: number
  end: number
  /** What is made of the picture first; absent: nothing. */
  preparation?: Preparation
}

/** A node of the server that prepares pictures, and what it is told beside its defaults. */
export interface Preparation {
  node: string
  values?: Record<string, string>
}

export interface CanvasSettings {
  /** Empty: the server's choice. */
  model: string
  prompt: string
  negative: string
  /** 0..1: how much of what is there may change. */
  strength: number
  /** 0: as the model recommends. */
  steps: number
  guidance: number
  seed: number
  seedFixed: boolean
}

export type Task = 'text' | 'image' | 'inpaint' | 'outpaint' | 'edit'

export interface CanvasDocument {
  version: 1
  /** The lowest first. */
  layers: LayerRecord[]
  box: Rect
  /** Width by height that the box keeps; 0: free. */
  ratio: number
  /** What the model draws at, where that is not the box's size. */
  drawn: { width: number; height: number } | null
  settings: CanvasSettings
  /** What the user wants whatever the pixels say; empty: by the rules. */
  task: Task | ''
}

export const MASK_COLOURS = ['#ff5a7a', '#4fb7ff', '#ffc53d', '#5fd38a', '#b48cff', '#ff8f4f']

export const blankCanvas = (): CanvasDocument => ({
  version: 1,
  layers: [],
  box: { x: 0, y: 0, width: 0, height: 0 },
  ratio: 0,
  drawn: null,
  settings: {
    model: '',
    prompt: '',
    negative: '',
    strength: 1,
    steps: 0,
    guidance: 0,
    seed: 0,
    seedFixed: false,
  },
  task: '',
})

const BLANK = blankCanvas()
const read = new WeakMap<object, CanvasDocument>()

/** A workflow's canvas; a blank one if it has none. The same object while nothing of it changed. */
export function canvasOf(workflow: Workflow | undefined): CanvasDocument {
  const stored = workflow?.extra?.studio?.canvas
  if (typeof stored !== 'object' || stored === null) return BLANK
  const known = read.get(stored)
  if (known) return known
  const canvas = readCanvas(stored as Partial<CanvasDocument>)
  read.set(stored, canvas)
  return canvas
}

/** What is missing or broken in a file is as in a blank canvas. */
function readCanvas(stored: Partial<CanvasDocument>): CanvasDocument {
  const blank = blankCanvas()
  const layers = Array.isArray(stored.layers) ? stored.layers : []
  return {
    ...blank,
    ...stored,
    settings: { ...blank.settings, ...stored.settings },
    box: { ...blank.box, ...stored.box },
    layers: layers
      .filter((layer) => typeof layer?.id === 'string' && KINDS.includes(layer.kind))
      .map((layer) => ({ ...newLayer(layer.kind, layer.name ?? ''), ...layer })),
  }
}

/** A layer's record, not yet anywhere. */
export const newLayer = (kind: LayerKind, name: string, colour = ''): LayerRecord => ({
  id: newName('layer'),
  kind,
  name,
  visible: true,
  locked: false,
  opacity: 1,
  blend: 'source-over',
  matrix: IDENTITY,
  pixels: '',
  ...(colour ? { colour } : {}),
  ...(kind === 'mask' ? { feather: 4 } : {}),
  ...(kind === 'region' ? { prompt: '', negative: '' } : {}),
  ...(kind === 'control' ? { control: { model: '', strength: 1, start: 0, end: 1 } } : {}),
})

export const newName = (what: string): string =>
  crypto.randomUUID?.() ?? `${what}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`

/** Changes a document's canvas as one step of its undo. */
export function editCanvas(
  document: string,
  label: string,
  change: (canvas: CanvasDocument) => void,
  { merge = '', silent = false } = {},
): void {
  edit(document, { label, merge, silent }, (draft) => {
    draft.extra ??= {}
    draft.extra.studio ??= { version: 1 }
    const { studio } = draft.extra
    if (typeof studio.canvas !== 'object' || studio.canvas === null) studio.canvas = blankCanvas()
    const canvas = studio.canvas as CanvasDocument
    for (const [key, value] of Object.entries(blankCanvas()))
      if (!(key in canvas)) Object.assign(canvas, { [key]: value })
    change(canvas)
  })
}

/** The canvas of an open document, now. */
export const readOpenCanvas = (document: string): CanvasDocument =>
  canvasOf(useDocuments.getState().open[document]?.workflow)

/** The canvas of an open document, as it changes; `pick` chooses what the component needs of it. */
export const useCanvas = <T>(document: string, pick: (canvas: CanvasDocument) => T): T =>
  useDocuments((state) => pick(canvasOf(state.open[document]?.workflow)))

export const layerOf = (canvas: CanvasDocument, id: string): LayerRecord | undefined =>
  canvas.layers.find((layer) => layer.id === id)

/** Puts a layer above another of its kind, or on top. */
export function insertLayer(canvas: CanvasDocument, layer: LayerRecord, above = ''): void {
  const at = canvas.layers.findIndex((other) => other.id === above && other.kind === layer.kind)
  if (at < 0) canvas.layers.push(layer)
  else canvas.layers.splice(at + 1, 0, layer)
}

/** Moves a layer among those of its kind; `by` 1 is one up. */
export function shiftLayer(canvas: CanvasDocument, id: string, by: number): void {
  const layer = layerOf(canvas, id)
  if (!layer) return
  const peers = canvas.layers.filter((other) => other.kind === layer.kind)
  const place = peers.findIndex((other) => other.id === id)
  const beside = peers[Math.min(peers.length - 1, Math.max(0, place + by))]!
  placeLayer(canvas, id, beside.id, by > 0)
}

/** Puts a layer directly above or below another one of its kind. */
export function placeLayer(canvas: CanvasDocument, id: string, beside: string, above: boolean): void {
  const from = canvas.layers.findIndex((layer) => layer.id === id)
  if (from < 0 || id === beside) return
  const [layer] = canvas.layers.splice(from, 1)
  const to = canvas.layers.findIndex((other) => other.id === beside)
  if (to < 0) canvas.layers.splice(from, 0, layer!)
  else canvas.layers.splice(above ? to + 1 : to, 0, layer!)
}
