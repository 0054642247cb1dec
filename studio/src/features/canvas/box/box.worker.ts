/** Does the box's work beside the page, so that a run costs the page no frame. */
import { type BoxWork, doWork } from './box-work'

self.addEventListener('message', async (event: MessageEvent<{ id: number; work: BoxWork }>) => {
  const { id, work } = event.data
  try {
    self.postMessage({ id, done: await doWork(work) })
  } catch (error) {
    self.postMessage({ id, error: String(error) })
  }
})
