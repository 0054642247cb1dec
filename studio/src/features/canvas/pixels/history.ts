/**
 * Pixels before and after each change, so that the document's undo can bring them back.
 *
 * The document's own undo holds which state (revision) each layer is in; this holds the way from one state to the next.
 * What is beyond the limit moves to the browser's storage, oldest first.
 */
import type { Packed } from './packing'
import type { TileChange, TileKey } from './tiles'

export interface PackedChange {
  key: TileKey
  before: Packed
  after: Packed
}

export interface PixelStep {
  layer: string
  from: string
  to: string
  /** Null while it lies in the browser's storage. */
  changes: PackedChange[] | null
  bytes: number
}

/** What to write into a layer, in this order. */
export interface TileWrite {
  key: TileKey
  pixels: Packed
}

export interface Spill {
  write: (name: string, changes: PackedChange[]) => Promise<void>
  read: (name: string) => Promise<PackedChange[] | undefined>
}

export const LIMIT = 256 * 1024 * 1024

export class PixelHistory {
  private readonly steps: PixelStep[] = []
  private bytes = 0
  /** Oldest steps were lost, because nowhere was room for them. */
  limited = false

  constructor(
    private readonly pack: (pixels: Uint8ClampedArray | null) => Promise<Packed>,
    private readonly spill: Spill | null = null,
    private readonly limit = LIMIT,
  ) {}

  /** Keeps a change. It is there at once for `has`; its tiles are packed meanwhile. */
  async record(layer: string, from: string, to: string, changes: TileChange[]): Promise<PackedChange[]> {
    const step: PixelStep = { layer, from, to, changes: [], bytes: 0 }
    const packed = Promise.all(
      changes.map(async ({ key, before, after }) => ({
        key,
        before: await this.pack(before),
        after: await this.pack(after),
      })),
    )
    this.steps.push(step)
    this.pending.set(step, packed)
    step.changes = await packed
    this.pending.delete(step)
    step.bytes = step.changes.reduce(
      (sum, one) => sum + (one.before?.length ?? 0) + (one.after?.length ?? 0),
      0,
    )
    this.bytes += step.bytes
    await this.makeRoom()
    return packed
  }

  private readonly pending = new Map<PixelStep, Promise<PackedChange[]>>()

  /** What leads a layer from one state to another, or null if that way is not known any more. */
  async way(layer: string, from: string, to: string): Promise<TileWrite[] | null> {
    const back = this.walk(layer, from, to)
    if (back) return this.writes(back, 'before')
    const forth = this.walk(layer, to, from)
    return forth ? this.writes(forth.reverse(), 'after') : null
  }

  /** Steps that lead back from a state to an earlier one. */
  private walk(layer: string, from: string, to: string): PixelStep[] | null {
    const found: PixelStep[] = []
    let at = from
    while (at !== to) {
      const step = this.steps.findLast((one) => one.layer === layer && one.to === at)
      if (!step || found.includes(step)) return null
      found.push(step)
      at = step.from
    }
    return found
  }

  private async writes(steps: PixelStep[], side: 'before' | 'after'): Promise<TileWrite[] | null> {
    const last = new Map<TileKey, Packed>()
    for (const step of steps) {
      const changes = await this.changesOf(step)
      if (!changes) return null
      for (const change of changes) last.set(change.key, change[side])
    }
    return [...last].map(([key, pixels]) => ({ key, pixels }))
  }

  private async changesOf(step: PixelStep): Promise<PackedChange[] | null> {
    const pending = this.pending.get(step)
    if (pending) return pending
    return step.changes ?? (await this.spill?.read(nameOf(step))) ?? null
  }

  private async makeRoom(): Promise<void> {
    for (const step of this.steps) {
      if (this.bytes <= this.limit) return
      if (!step.changes || step.bytes === 0) continue
      const { changes } = step
      step.changes = null
      this.bytes -= step.bytes
      step.bytes = 0
      try {
        if (!this.spill) throw new Error('There is no storage.')
        await this.spill.write(nameOf(step), changes)
      } catch {
        this.limited = true
      }
    }
  }
}

const nameOf = (step: PixelStep): string => `${step.layer}/${step.to}`
