/** Packs and unpacks tiles beside the page, so that a stroke's end costs the page nothing. */

interface Asked {
  id: number
  turn: 'pack' | 'unpack'
  data: ArrayBuffer
}

const through = async (
  data: ArrayBuffer,
  stream: CompressionStream | DecompressionStream,
): Promise<ArrayBuffer> =>
  new Response(new Blob([data]).stream().pipeThrough(stream as unknown as TransformStream)).arrayBuffer()

self.addEventListener('message', async (event: MessageEvent<Asked>) => {
  const { id, turn, data } = event.data
  try {
    const stream =
      turn === 'pack' ? new CompressionStream('deflate-raw') : new DecompressionStream('deflate-raw')
    const done = await through(data, stream)
    self.postMessage({ id, data: done }, { transfer: [done] })
  } catch (error) {
    self.postMessage({ id, error: String(error) })
  }
})
