/**
 * The server's WebSocket: reconnects, reads text and binary frames, and hands over messages once a frame of the screen.
 *
 * Messages of one screen frame are given together, in order, so that a thousand a second cost one render.
 */

/** A JSON message: what happened to a job, a node, the queue. */
export interface Message {
  type: string
  data: Record<string, unknown>
}

/** A picture of what a node is working on. */
export interface PreviewMessage {
  type: 'preview'
  job: string
  node: string
  picture: Blob
}

export type Incoming = Message | PreviewMessage

export type Connection = 'connecting' | 'open' | 'lost'

type Listener = (messages: Incoming[]) => void
type Watcher = (connection: Connection) => void

const FEATURES = {
  supports_preview_metadata: true,
  supports_progress_text_metadata: true,
  limner_queue: true,
  limner_gallery: true,
}
const PREVIEW = 1
const TEXT = 3
const PREVIEW_WITH_METADATA = 4
const FIRST_WAIT = 300
const LONGEST_WAIT = 5_000
/** Hidden tabs get no screen frames; they are told at this pace. */
const HIDDEN_PACE = 250

export class Socket {
  private socket: WebSocket | null = null
  private readonly listeners = new Set<Listener>()
  private readonly watchers = new Set<Watcher>()
  private pending: Incoming[] = []
  private scheduled = false
  private wait = FIRST_WAIT
  private runningJob = ''
  private runningNode = ''
  connection: Connection = 'connecting'

  constructor(
    readonly client: string,
    private readonly address: (client: string) => string = defaultAddress,
  ) {}

  start(): void {
    this.connect()
    addEventListener('online', () => this.reconnectNow())
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.reconnectNow()
    })
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  private reconnectNow(): void {
    if (this.connection === 'lost') this.connect()
  }

  private connect(): void {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return
    const socket = new WebSocket(this.address(this.client))
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    socket.onopen = () => {
      this.wait = FIRST_WAIT
      socket.send(JSON.stringify({ type: 'feature_flags', data: FEATURES }))
      this.turn('open')
    }
    socket.onmessage = (event) => this.take(event.data)
    socket.onclose = () => {
      if (this.socket !== socket) return
      this.turn('lost')
      setTimeout(() => this.connect(), this.wait)
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT)
    }
  }

  private turn(connection: Connection): void {
    if (this.connection === connection) return
    this.connection = connection
    for (const watcher of this.watchers) watcher(connection)
  }

  private take(data: unknown): void {
    const message = typeof data === 'string' ? readText(data) : this.readBinary(data as ArrayBuffer)
    if (!message) return
    if (message.type === 'executing' && 'data' in message) {
      this.runningJob = String(message.data.prompt_id ?? '')
      this.runningNode = String(message.data.node ?? '')
    }
    this.pending.push(message)
    if (this.scheduled) return
    this.scheduled = true
    if (document.visibilityState === 'hidden') setTimeout(() => this.flush(), HIDDEN_PACE)
    else requestAnimationFrame(() => this.flush())
  }

  private flush(): void {
    this.scheduled = false
    const messages = this.pending
    this.pending = []
    for (const listener of this.listeners) listener(messages)
  }

  private readBinary(buffer: ArrayBuffer): Incoming | null {
    if (buffer.byteLength < 8) return null
    const view = new DataView(buffer)
    const kind = view.getUint32(0)
    if (kind === PREVIEW) {
      const type = view.getUint32(4) === 2 ? 'image/png' : 'image/jpeg'
      const picture = new Blob([new Uint8Array(buffer, 8)], { type })
      return { type: 'preview', job: this.runningJob, node: this.runningNode, picture }
    }
    if (kind === PREVIEW_WITH_METADATA) return readPreview(buffer, view)
    if (kind === TEXT) return readProgressText(buffer)
    return null
  }
}

function readText(text: string): Message | null {
  try {
    const message = JSON.parse(text) as Message
    return typeof message?.type === 'string' ? { type: message.type, data: message.data ?? {} } : null
  } catch {
    return null
  }
}

function readPreview(buffer: ArrayBuffer, view: DataView): PreviewMessage | null {
  const length = view.getUint32(4)
  if (8 + length > buffer.byteLength) return null
  try {
    const said = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length))) as Record<
      string,
      string
    >
    const picture = new Blob([new Uint8Array(buffer, 8 + length)], { type: said.image_type ?? 'image/jpeg' })
    return { type: 'preview', job: said.prompt_id ?? '', node: said.node_id ?? '', picture }
  } catch {
    return null
  }
}

/** A node's line of text: length and job, length and node, then the text. */
function readProgressText(buffer: ArrayBuffer): Message | null {
  const view = new DataView(buffer)
  const decoder = new TextDecoder()
  const parts: string[] = []
  let at = 4
  for (let part = 0; part < 2; part += 1) {
    if (at + 4 > buffer.byteLength) return null
    const length = view.getUint32(at)
    if (at + 4 + length > buffer.byteLength) return null
    parts.push(decoder.decode(new Uint8Array(buffer, at + 4, length)))
    at += 4 + length
  }
  const text = decoder.decode(new Uint8Array(buffer, at))
  return { type: 'progress_text', data: { prompt_id: parts[0], node: parts[1], text } }
}

function defaultAddress(client: string): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${location.host}/ws?clientId=${encodeURIComponent(client)}`
}
