/** Requests to the server: JSON in, JSON out, and errors that say what the server said. */
import { parseExact } from '@/doc/exact-numbers'

/** What went wrong with a request. `code` is stable; `message` is a sentence for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** The answer's body, for those that know more of it (problems of nodes, for instance). */
    readonly body: unknown = undefined,
  ) {
    super(message)
    this.name = 'ApiError'
  }

  /** The server could not be reached at all. */
  get offline(): boolean {
    return this.status === 0
  }
}

type Query = Record<string, string | number | boolean | null | undefined>

/** A path with a query; what is undefined, null or empty is left out. */
export function withQuery(path: string, query: Query = {}): string {
  const parts = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parts.set(name, String(value))
  }
  const text = parts.toString()
  return text ? `${path}?${text}` : path
}

export interface Asking {
  query?: Query
  signal?: AbortSignal
  headers?: Record<string, string>
}

export const getJson = <T>(path: string, asking: Asking = {}): Promise<T> =>
  request<T>('GET', path, undefined, asking)
export const postJson = <T>(path: string, body?: unknown, asking: Asking = {}): Promise<T> =>
  request<T>('POST', path, body, asking)
export const putJson = <T>(path: string, body?: unknown, asking: Asking = {}): Promise<T> =>
  request<T>('PUT', path, body, asking)
export const patchJson = <T>(path: string, body?: unknown, asking: Asking = {}): Promise<T> =>
  request<T>('PATCH', path, body, asking)
export const remove = <T>(path: string, body?: unknown, asking: Asking = {}): Promise<T> =>
  request<T>('DELETE', path, body, asking)

/** The answer itself, for those that need its headers or bytes. Raises ApiError unless the status is 2xx or 304. */
export async function send(
  method: string,
  path: string,
  body: unknown,
  asking: Asking = {},
): Promise<Response> {
  const headers: Record<string, string> = { ...asking.headers }
  let payload: BodyInit | undefined
  if (
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof ArrayBuffer ||
    typeof body === 'string'
  ) {
    payload = body
  } else if (body !== undefined) {
    payload = JSON.stringify(body)
    headers['Content-Type'] = 'application/json'
  }
  let answer: Response
  try {
    answer = await fetch(withQuery(path, asking.query), {
      method,
      headers,
      body: payload,
      signal: asking.signal,
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, 'offline', 'The server does not answer.')
  }
  if (answer.status === 401) for (const listener of refused) listener()
  if (!answer.ok && answer.status !== 304) throw await refusal(answer)
  return answer
}

async function request<T>(method: string, path: string, body: unknown, asking: Asking): Promise<T> {
  const answer = await send(method, path, body, asking)
  return (await readJson(answer)) as T
}

/** What an answer says; large whole numbers keep their digits. */
export async function readJson(answer: Response): Promise<unknown> {
  const text = await answer.text()
  return text ? parseExact(text) : undefined
}

async function refusal(answer: Response): Promise<ApiError> {
  const text = await answer.text().catch(() => '')
  let body: unknown
  try {
    body = parseExact(text)
  } catch {
    body = undefined
  }
  const { code, message } = readRefusal(body)
  const said = message || text.slice(0, 300) || answer.statusText || 'no reason given'
  return new ApiError(answer.status, code || String(answer.status), said, body)
}

/** Code and message of a refusal, in whichever of the server's shapes it comes. */
export function readRefusal(body: unknown): { code: string; message: string } {
  if (typeof body !== 'object' || body === null) return { code: '', message: '' }
  const record = body as Record<string, unknown>
  const error = record.error ?? record.detail ?? record.message
  if (typeof error === 'string') return { code: String(record.code ?? ''), message: error }
  if (typeof error === 'object' && error !== null) {
    const inner = error as Record<string, unknown>
    const details = typeof inner.details === 'string' && inner.details ? ` ${inner.details}` : ''
    return { code: String(inner.code ?? inner.type ?? ''), message: `${inner.message ?? ''}${details}` }
  }
  return { code: '', message: '' }
}

const refused = new Set<() => void>()

/** Calls back whenever a request is refused for want of a key. Returns a function that ends it. */
export function onUnauthorized(listener: () => void): () => void {
  refused.add(listener)
  return () => refused.delete(listener)
}
