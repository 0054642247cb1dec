/** Tiles packed small, by a worker: what undo and the browser's storage keep. */

/** A packed tile; null: nothing in it. */
export type Packed = Uint8Array | null

interface Answer {
  id: number
  data?: ArrayBuffer
  error?: string
}

let worker: Worker | null = null
let last = 0
const waiting = new Map<number, { done: (data: ArrayBuffer) => void; failed: (error: Error) => void }>()

function start(): Worker {
  if (worker) return worker
  worker = new Worker(new URL('./tiles.worker.ts', import.meta.url), { type: 'module', name: 'tiles' })
  worker.addEventListener('message', (event: MessageEvent<Answer>) => {
    const { id, data, error } = event.data
    const asked = waiting.get(id)
    waiting.delete(id)
    if (data) asked?.done(data)
    else asked?.failed(new Error(error ?? 'The tile could not be read.'))
  })
  return worker
}

function ask(turn: 'pack' | 'unpack', bytes: Uint8Array | Uint8ClampedArray): Promise<ArrayBuffer> {
  last += 1
  const id = last
  const data = bytes.slice().buffer as ArrayBuffer
  return new Promise((done, failed) => {
    waiting.set(id, { done, failed })
    start().postMessage({ id, turn, data }, [data])
  })
}

/** Packs a tile's pixels. */
export const pack = async (pixels: Uint8ClampedArray | null): Promise<Packed> =>
  pixels ? new Uint8Array(await ask('pack', pixels)) : null

/** A tile's pixels again. */
export const unpack = async (packed: Packed): Promise<Uint8ClampedArray | null> =>
  packed ? new Uint8ClampedArray(await ask('unpack', packed)) : null
