/**
 * Results in place: pictures of runs over the box, looked through one by one, until one is accepted or all are discarded.
 *
 * Nothing of it is in the document before it is accepted; the pictures are in the gallery anyway.
 */
import { createStore } from 'zustand/vanilla'
import { isLive, type LiveJob, useJobs } from '@/app/jobs'
import { cancelJobs } from '@/app/run'
import { t } from '@/i18n/text'
import { fetchFile, type SavedFile } from '@/net/files'
import { toast } from '@/ui/toasts'
import { bakeMatrix } from '../layers/layer-actions'
import { newCanvas } from '../pixels/surface'
import type { Rect } from '../state/geometry'
import { isMoveOnly } from '../state/geometry'
import type { CanvasSession } from '../state/session'

export interface StagedResult {
  job: string
  file: SavedFile
  /** As it lies over the box: of the box's size, transparent where nothing may change. */
  picture: HTMLCanvasElement
  /** In the gallery. */
  starred: boolean
}

export interface StagingState {
  /** Where results lie; null while nothing is staged. */
  box: Rect | null
  jobs: readonly string[]
  results: readonly StagedResult[]
  index: number
  /** What was there before is shown instead. */
  before: boolean
}

const NOTHING: StagingState = { box: null, jobs: [], results: [], index: 0, before: false }

export class Staging {
  readonly state = createStore<StagingState>(() => NOTHING)
  /** How much of a result counts at each of the box's pixels; null: all of it everywhere. */
  private alpha: HTMLCanvasElement | null = null
  private preview: HTMLCanvasElement | null = null
  private previewUrl = ''
  private readonly taken = new Set<string>()
  private stop: (() => void) | null = null

  constructor(private readonly session: CanvasSession) {
    this.state.subscribe(() => session.redraw())
  }

  /** Shows what these jobs draw, in a box. More jobs for the same box join those that are there. */
  begin(jobs: readonly string[], box: Rect, alpha: HTMLCanvasElement | null): void {
    const { box: now, jobs: others } = this.state.getState()
    const same = now !== null && JSON.stringify(now) === JSON.stringify(box)
    if (!same) this.clear()
    this.alpha = alpha
    this.state.setState({ box: { ...box }, jobs: same ? [...others, ...jobs] : jobs, before: false })
    this.stop ??= useJobs.subscribe(() => this.follow())
    this.follow()
  }

  /** What lies over the layers now. */
  shown(): { rect: Rect; image: HTMLCanvasElement } | null {
    const { box, results, index, before } = this.state.getState()
    if (!box || before) return null
    const image = this.preview ?? results[index]?.picture
    return image ? { rect: box, image } : null
  }

  get current(): StagedResult | undefined {
    const { results, index } = this.state.getState()
    return results[index]
  }

  step(by: number): void {
    const { results, index } = this.state.getState()
    this.choose((index + by + results.length) % Math.max(1, results.length))
  }

  choose(index: number): void {
    this.state.setState({ index, before: false })
  }

  showBefore(before: boolean): void {
    if (this.state.getState().box) this.state.setState({ before })
  }

  /** Notes that a result has a star now, or none. */
  mark(result: StagedResult, starred: boolean): void {
    this.state.setState(({ results }) => ({
      results: results.map((one) => (one.file === result.file ? { ...one, starred } : one)),
    }))
  }

  /** Makes the shown result a layer of its own, and ends. */
  accept(): boolean {
    const { current, session } = this
    const { box } = this.state.getState()
    if (!current || !box) return false
    const { active } = session
    session.add(
      'raster',
      t('Accept result'),
      { name: t('Result'), above: active?.kind === 'raster' ? active.id : '' },
      { rect: box, draw: (context) => context.drawImage(current.picture, box.x, box.y) },
    )
    this.end()
    return true
  }

  /** Draws the shown result into the active layer, and ends. */
  acceptIntoLayer(): boolean {
    const { current, session } = this
    const { box } = this.state.getState()
    if (!current || !box) return false
    if (session.active?.kind !== 'raster') return this.accept()
    const found = session.paintable()
    if (!found) return false
    const layer = isMoveOnly(found.layer.matrix) ? found.layer : bakeMatrix(session, found.layer)
    const at = { ...box, x: box.x - layer.matrix[4], y: box.y - layer.matrix[5] }
    session.paint(layer.id, t('Accept result'), at, (context) =>
      context.drawImage(current.picture, at.x, at.y),
    )
    this.end()
    return true
  }

  /** Takes the shown result out of the strip; it stays in the gallery. */
  discard(): void {
    const { results, index, jobs } = this.state.getState()
    const left = results.filter((_, at) => at !== index)
    if (left.length === 0 && !jobs.some((id) => isRunning(id))) this.end()
    else this.state.setState({ results: left, index: Math.max(0, Math.min(index, left.length - 1)) })
  }

  /** Takes all away, and stops what still runs. */
  discardAll(): void {
    const live = this.state.getState().jobs.filter(isRunning)
    if (live.length > 0) void cancelJobs(live)
    this.end()
  }

  private end(): void {
    this.clear()
    this.state.setState(NOTHING, true)
  }

  private clear(): void {
    this.stop?.()
    this.stop = null
    this.preview = null
    this.previewUrl = ''
    this.taken.clear()
    this.state.setState({ results: [], index: 0 })
  }

  private follow(): void {
    const { jobs } = useJobs.getState()
    const own = this.state
      .getState()
      .jobs.map((id) => jobs[id])
      .filter((job): job is LiveJob => job !== undefined)
    for (const job of own) {
      for (const { file } of job.outputs) if (file.media === 'images') void this.take(job.id, file)
      if (job.state === 'failed' && !this.taken.has(job.id)) this.fail(job)
    }
    const running = own.find((job) => job.state === 'running')
    const url = running?.previews.at(-1) ?? ''
    if (running && url && url !== this.previewUrl) void this.showPreview(url)
    const over = own.length > 0 && !own.some(isLive)
    if (over && this.preview) this.dropPreview()
    if (over && own.every((job) => !job.outputs.some(({ file }) => file.media === 'images'))) {
      if (own.some((job) => job.state === 'succeeded'))
        toast({ text: t('The run made no picture.'), tone: 'warn' })
      this.end()
    }
  }

  private fail(job: LiveJob): void {
    this.taken.add(job.id)
    toast({ text: job.failure?.message || t('The run failed.'), tone: 'err' })
  }

  private async take(job: string, file: SavedFile): Promise<void> {
    const name = `${file.subfolder}/${file.filename}`
    const { box } = this.state.getState()
    if (!box || this.taken.has(name)) return
    this.taken.add(name)
    try {
      const image = await createImageBitmap(await fetchFile(file))
      if (this.state.getState().box === null) return
      this.dropPreview()
      this.state.setState(({ results }) => {
        const all = [...results, { job, file, picture: this.fit(image, box), starred: false }]
        return { results: all, index: all.length - 1 }
      })
      image.close()
    } catch (error) {
      toast({ text: t('The result could not be read: {{message}}', { message: String(error) }), tone: 'err' })
    }
  }

  /** At most one preview is decoded at a time; the newest wins. */
  private async showPreview(url: string): Promise<void> {
    const { box } = this.state.getState()
    if (!box || this.decoding) return
    this.decoding = true
    this.previewUrl = url
    try {
      const image = await createImageBitmap(await (await fetch(url)).blob())
      if (this.state.getState().box && this.previewUrl === url) {
        this.preview = this.fit(image, box)
        this.session.redraw()
      }
      image.close()
    } catch {
      // The next one comes soon.
    } finally {
      this.decoding = false
    }
  }

  private decoding = false

  private dropPreview(): void {
    this.preview = null
    this.previewUrl = ''
    this.session.redraw()
  }

  private fit(image: ImageBitmap, box: Rect): HTMLCanvasElement {
    const [canvas, context] = newCanvas(box.width, box.height, true)
    context.imageSmoothingQuality = 'high'
    context.drawImage(image, ...placeOf(image, box))
    if (this.alpha) {
      context.globalCompositeOperation = 'destination-in'
      context.drawImage(this.alpha, 0, 0)
    }
    return canvas
  }
}

/** A picture that is of another shape, as apps may give, is shown whole; what is off by rounding is not. */
function placeOf(image: Size, box: Size): [number, number, number, number] {
  const ratio = image.width / image.height / (box.width / box.height)
  if (Math.abs(Math.log(ratio)) < NEARLY) return [0, 0, box.width, box.height]
  const width = box.width * Math.min(1, ratio)
  const height = box.height / Math.max(1, ratio)
  return [(box.width - width) / 2, (box.height - height) / 2, width, height]
}

const NEARLY = 0.06

type Size = { width: number; height: number }

const isRunning = (id: string): boolean => {
  const job = useJobs.getState().jobs[id]
  return job !== undefined && isLive(job)
}

const stagings = new WeakMap<CanvasSession, Staging>()

/** What is staged for a document's canvas. */
export function stagingOf(session: CanvasSession): Staging {
  const known = stagings.get(session)
  if (known) return known
  const staging = new Staging(session)
  stagings.set(session, staging)
  return staging
}
