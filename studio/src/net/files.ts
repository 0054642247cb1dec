/** Pictures and other files on the server: how they are named, where they are seen, how they get there. */
import { getJson, send, withQuery } from './api'

/** A file in one of the server's folders. */
export interface FileRef {
  filename: string
  subfolder: string
  type: 'input' | 'output' | 'temp'
}

export interface SavedFile extends FileRef {
  /** What it is, if the node that saved it said so: `image`, `video`, `audio` ... */
  media?: string
}

/** Where a file is seen. */
export const fileUrl = (file: FileRef): string =>
  withQuery('/view', { filename: file.filename, subfolder: file.subfolder, type: file.type })

/** Where a small picture of a file is seen; its longer side is 256 or 512 pixels. */
export const thumbUrl = (file: FileRef, size: 256 | 512 = 256): string =>
  withQuery('/limner/thumbnail', {
    filename: file.filename,
    subfolder: file.subfolder,
    type: file.type,
    size,
  })

/** The name that a loader node takes for an input file. */
export const inputName = (file: FileRef): string => {
  const path = file.subfolder ? `${file.subfolder}/${file.filename}` : file.filename
  return file.type === 'input' ? path : `${path} [${file.type}]`
}

/** The file that a loader node's value names: `folder/name.png`, `name.png [output]`. */
export function fileOfInput(value: string): FileRef {
  const marked = /^(.*?) \[(input|output|temp)\]$/.exec(value)
  const path = marked?.[1] ?? value
  const at = path.lastIndexOf('/')
  return {
    filename: path.slice(at + 1),
    subfolder: at < 0 ? '' : path.slice(0, at),
    type: (marked?.[2] as FileRef['type']) ?? 'input',
  }
}

const uploaded = new Map<string, FileRef>()

/** Puts a file into the input folder, named by its content: what was sent before in this page is not sent again. */
export async function uploadInput(blob: Blob, name = 'picture.png', subfolder = ''): Promise<FileRef> {
  const digest = await contentName(blob)
  const known = uploaded.get(`${subfolder}/${digest}`)
  if (known) return known
  const suffix = /\.[a-z0-9]+$/i.exec(name)?.[0] ?? ''
  const stem = name
    .slice(0, name.length - suffix.length)
    .replace(/[^\p{L}\p{N} ._-]+/gu, '_')
    .slice(0, 60)
  const form = new FormData()
  form.append('image', blob, `${stem || 'picture'}-${digest.slice(0, 12)}${suffix || '.png'}`)
  form.append('overwrite', 'true')
  if (subfolder) form.append('subfolder', subfolder)
  const answer = await send('POST', '/upload/image', form)
  const said = (await answer.json()) as { name: string; subfolder?: string; type?: string }
  const file: FileRef = { filename: said.name, subfolder: said.subfolder ?? '', type: 'input' }
  uploaded.set(`${subfolder}/${digest}`, file)
  return file
}

/** Bytes of a file on the server. */
export async function fetchFile(file: FileRef): Promise<Blob> {
  return (await send('GET', fileUrl(file), undefined)).blob()
}

/** The files that a folder of the server has, newest first. */
export const listFiles = (type: FileRef['type']): Promise<string[]> =>
  getJson<string[]>(`/internal/files/${type}`)

async function contentName(blob: Blob): Promise<string> {
  const bytes = await blob.arrayBuffer()
  if (!crypto.subtle) return fallbackDigest(new Uint8Array(bytes))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** FNV-1a over the bytes, twice; pages on plain HTTP beyond localhost have no SHA-256. */
function fallbackDigest(bytes: Uint8Array): string {
  let low = 0x811c9dc5
  let high = 0x1000193 ^ bytes.length
  for (const byte of bytes) {
    low = Math.imul(low ^ byte, 0x01000193)
    high = Math.imul(high ^ byte, 0x01000197)
  }
  return [low, high].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('')
}
