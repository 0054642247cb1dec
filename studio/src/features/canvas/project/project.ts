/** A canvas as a file: a zip of `project.json` and one PNG for each layer. */
import { activeDocument, renameDocument } from '@/app/documents'
import { t } from '@/i18n/text'
import { toast } from '@/ui/toasts'
import { pngOf } from '../box/box-thread'
import { isPicture, picture } from '../pixels/composite'
import { newCanvas } from '../pixels/surface'
import { type CanvasDocument, canvasOf, KINDS, type LayerRecord, newLayer } from '../state/canvas-document'
import type { CanvasSession } from '../state/session'
import { readZip, writeZip, type ZipEntry } from './zip'

interface ProjectFile {
  limner: 'canvas'
  version: 1
  canvas: CanvasDocument
  /** Where each layer's picture lies in the layer's own pixels. */
  places: Record<string, { x: number; y: number }>
}

const pictureName = (layer: LayerRecord): string => `layers/${layer.id}.png`

/** Saves the canvas with all its layers. */
export async function exportProject(session: CanvasSession): Promise<void> {
  await session.settled()
  const { canvas } = session
  const places: ProjectFile['places'] = {}
  const pictures: ZipEntry[] = []
  for (const layer of canvas.layers) {
    const surface = session.surfaces.get(layer.id)
    const content = surface?.contentBounds()
    if (!surface || !content) continue
    const [copy, context] = newCanvas(content.width, content.height)
    context.drawImage(surface.canvas, surface.bounds.x - content.x, surface.bounds.y - content.y)
    places[layer.id] = { x: content.x, y: content.y }
    pictures.push({ name: pictureName(layer), bytes: await bytesOf(copy) })
  }
  const project: ProjectFile = { limner: 'canvas', version: 1, canvas, places }
  const head = { name: 'project.json', bytes: new TextEncoder().encode(JSON.stringify(project, null, 1)) }
  save(
    new Blob([writeZip([head, ...pictures]) as BlobPart], { type: 'application/zip' }),
    `${titleNow()}.canvas.zip`,
  )
}

/** Saves what lies in the box as one picture. */
export async function exportPicture(session: CanvasSession): Promise<void> {
  save(await pngOf(picture(session, session.canvas.box, isPicture)), `${titleNow()}.png`)
}

/** Asks for a project file and puts its layers on this canvas, above those that are there. */
export function openProject(session: CanvasSession, onOpen?: () => void): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = '.zip,application/zip'
  input.addEventListener('change', () => {
    const [file] = input.files ?? []
    if (file) void placeProject(session, file).then((done) => done && onOpen?.())
  })
  input.click()
}

/** Puts a project's layers on this canvas. An empty one takes its box and settings, too. */
export async function placeProject(session: CanvasSession, file: File): Promise<boolean> {
  try {
    const entries = new Map(
      readZip(new Uint8Array(await file.arrayBuffer())).map((entry) => [entry.name, entry.bytes]),
    )
    const project = readProject(entries.get('project.json'))
    const empty = session.canvas.layers.length === 0
    for (const layer of project.canvas.layers) await placeLayer(session, layer, project, entries)
    if (empty) {
      session.change(t('Open project'), (canvas) => {
        Object.assign(canvas, { ...project.canvas, layers: canvas.layers })
      })
      renameDocument(session.document, file.name.replace(/(\.canvas)?\.zip$/i, ''))
    }
    return true
  } catch (error) {
    toast({
      text: t('“{{name}}” could not be opened: {{message}}', {
        name: file.name,
        message: (error as Error).message,
      }),
      tone: 'err',
    })
    return false
  }
}

function readProject(bytes: Uint8Array | undefined): ProjectFile {
  const read = bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as Partial<ProjectFile>) : undefined
  if (read?.limner !== 'canvas' || !read.canvas) throw new Error(t('It holds no canvas.'))
  const canvas = canvasOf({
    nodes: [],
    links: [],
    last_node_id: 0,
    last_link_id: 0,
    extra: { studio: { version: 1, canvas: read.canvas } },
  })
  return { limner: 'canvas', version: 1, canvas, places: read.places ?? {} }
}

async function placeLayer(
  session: CanvasSession,
  layer: LayerRecord,
  project: ProjectFile,
  entries: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const bytes = entries.get(pictureName(layer))
  const at = project.places[layer.id] ?? { x: 0, y: 0 }
  const { id } = newLayer(KINDS[4], '')
  const rest = { ...layer, id }
  if (!bytes) {
    session.add(layer.kind, t('Open project'), rest)
    return
  }
  const image = await createImageBitmap(new Blob([bytes as BlobPart], { type: 'image/png' }))
  session.add(layer.kind, t('Open project'), rest, {
    rect: { ...at, width: image.width, height: image.height },
    draw: (context) => context.drawImage(image, at.x, at.y),
  })
  image.close()
}

const titleNow = (): string => (activeDocument()?.title || 'canvas').replace(/[^\p{L}\p{N} ._-]+/gu, '_')

const bytesOf = async (canvas: HTMLCanvasElement): Promise<Uint8Array> =>
  new Uint8Array(await (await pngOf(canvas)).arrayBuffer())

function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
