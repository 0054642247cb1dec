/** Asks the worker for what the box needs; where workers cannot draw, the page does it itself. */
import type { Alpha } from '../pixels/alpha'
import { workersDraw } from '../pixels/sheets'
import { type AlphaWork, type BoxWork, doWork, type PictureWork } from './box-work'

interface Answer {
  id: number
  done?: Alpha | Blob
  error?: string
}

interface Asked {
  work: BoxWork
  done: (result: Alpha | Blob) => void
  failed: (error: Error) => void
}

let worker: Worker | null = null
/** The worker's file could not be had: the page does the work. */
let lost = false
let last = 0
const waiting = new Map<number, Asked>()

function start(): Worker {
  if (worker) return worker
  worker = new Worker(new URL('./box.worker.ts', import.meta.url), { type: 'module', name: 'box' })
  worker.addEventListener('message', (event: MessageEvent<Answer>) => {
    const { id, done, error } = event.data
    const asked = waiting.get(id)
    waiting.delete(id)
    if (done) asked?.done(done)
    else asked?.failed(new Error(error ?? 'The picture could not be written.'))
  })
  worker.addEventListener('error', giveUp)
  return worker
}

/** What waits for the worker is done on the page. */
function giveUp(): void {
  lost = true
  worker?.terminate()
  worker = null
  for (const { work, done, failed } of waiting.values()) doWork(work).then(done, failed)
  waiting.clear()
}

/** Pictures are copied to the worker, not given: the page can still do the work if there is none. */
function ask(work: BoxWork): Promise<Alpha | Blob> {
  if (lost || !workersDraw()) return doWork(work)
  last += 1
  const id = last
  return new Promise((done, failed) => {
    waiting.set(id, { work, done, failed })
    start().postMessage({ id, work })
  })
}

const picturesOf = (work: BoxWork): ImageBitmap[] => {
  if (work.turn === 'mask') return []
  if (work.turn !== 'alpha') return [work.picture]
  return [...work.masks.map(({ picture }) => picture), work.holes, work.selection].filter(
    (picture) => picture !== undefined,
  )
}

async function asked(work: BoxWork): Promise<Alpha | Blob> {
  try {
    return await ask(work)
  } finally {
    for (const picture of picturesOf(work)) picture.close()
  }
}

/** A picture as a PNG file. */
export const workPicture = (work: PictureWork): Promise<Blob> => asked(work) as Promise<Blob>

/** A mask of the box. */
export const workAlpha = (work: AlphaWork): Promise<Alpha> => asked(work) as Promise<Alpha>

/** A canvas as a PNG file. */
export const pngOf = async (canvas: HTMLCanvasElement): Promise<Blob> =>
  workPicture({ turn: 'plain', picture: await createImageBitmap(canvas) })
