import { describe, expect, it } from 'vitest'
import { LIMIT, type PackedChange, PixelHistory } from './history'
import type { Packed } from './packing'
import type { TileChange } from './tiles'

const asIs = async (pixels: Uint8ClampedArray | null): Promise<Packed> => pixels && new Uint8Array(pixels)
const filled = (value: number, size = 10) => new Uint8ClampedArray(size).fill(value)
const change = (before: number, after: number, key = '0,0'): TileChange =>
  ({ key, before: filled(before), after: filled(after) }) as TileChange

function storage(full = false) {
  const kept = new Map<string, PackedChange[]>()
  return {
    kept,
    write: async (name: string, changes: PackedChange[]) => {
      if (full) throw new Error('No room.')
      kept.set(name, changes)
    },
    read: async (name: string) => kept.get(name),
  }
}

async function recorded(history: PixelHistory, steps: number) {
  for (let at = 0; at < steps; at += 1)
    await history.record('a', `r${at}`, `r${at + 1}`, [change(at, at + 1)])
}
const first = (writes: Awaited<ReturnType<PixelHistory['way']>>) => writes?.[0]?.pixels?.[0]

describe('history of pixels', () => {
  it('holds 256 MB', () => expect(LIMIT).toBe(256 * 1024 * 1024))

  it('leads back and forth over several steps', async () => {
    const history = new PixelHistory(asIs)
    await recorded(history, 5)
    expect(first(await history.way('a', 'r5', 'r1'))).toBe(1)
    expect(first(await history.way('a', 'r1', 'r4'))).toBe(4)
    expect(await history.way('b', 'r5', 'r1')).toBeNull()
  })

  it('knows a step while its tiles are being packed', async () => {
    const history = new PixelHistory(asIs)
    void history.record('a', 'r0', 'r1', [change(7, 8)])
    expect(first(await history.way('a', 'r1', 'r0'))).toBe(7)
  })

  it('moves the oldest steps to the storage beyond its limit, and finds them there', async () => {
    const disk = storage()
    const history = new PixelHistory(asIs, disk, 45)
    await recorded(history, 5)
    expect([...disk.kept.keys()]).toEqual(['a/r1', 'a/r2', 'a/r3'])
    expect(history.limited).toBe(false)
    expect(first(await history.way('a', 'r5', 'r0'))).toBe(0)
    expect(first(await history.way('a', 'r0', 'r5'))).toBe(5)
  })

  it('says that it is limited where there is no room at all, and keeps what is newer', async () => {
    const history = new PixelHistory(asIs, storage(true), 45)
    await recorded(history, 5)
    expect(history.limited).toBe(true)
    expect(await history.way('a', 'r5', 'r0')).toBeNull()
    expect(first(await history.way('a', 'r5', 'r3'))).toBe(3)
  })

  it('brings any random walk back to its start', async () => {
    const disk = storage()
    const history = new PixelHistory(asIs, disk, 100)
    const keys = ['0,0', '1,0', '0,1']
    const states: Record<string, number>[] = [{ '0,0': 0, '1,0': 0, '0,1': 0 }]
    let random = 7
    const draw = (below: number) => {
      random = (random * 1103515245 + 12345) % 2147483648
      return random % below
    }
    for (let at = 0; at < 60; at += 1) {
      const key = keys[draw(3)]!
      const now = states[at]!
      const next = draw(255)
      await history.record('a', `r${at}`, `r${at + 1}`, [change(now[key]!, next, key)])
      states.push({ ...now, [key]: next })
    }
    for (let turn = 0; turn < 40; turn += 1) {
      const [from, to] = [draw(61), draw(61)]
      const shown = { ...states[from] }
      for (const { key, pixels } of (await history.way('a', `r${from}`, `r${to}`)) ?? [])
        shown[key] = pixels![0]!
      expect(shown).toEqual(states[to])
    }
  })
})
