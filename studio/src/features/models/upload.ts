/**
 * Model files on their way to the server. They can be large, so each shows how far it is and can be stopped.
 *
 * `fetch` does not tell how much was sent, so this is the one place with an XMLHttpRequest.
 */
import { create } from 'zustand'
import { readRefusal, withQuery } from '@/net/api'
import { readAgain } from './model-actions'

export interface Upload {
  id: number
  name: string
  size: number
  sent: number
  state: 'sending' | 'checking' | 'done' | 'failed'
  message: string
  code: string
  /** The kind it got. */
  kind: string
  file: File
  stop: () => void
}

export const useUploads = create<{ uploads: Upload[] }>(() => ({ uploads: [] }))

let last = 0

const change = (id: number, next: Partial<Upload>): void =>
  useUploads.setState(({ uploads }) => ({
    uploads: uploads.map((upload) => (upload.id === id ? { ...upload, ...next } : upload)),
  }))

export const forgetUpload = (id: number): void =>
  useUploads.setState(({ uploads }) => ({ uploads: uploads.filter((upload) => upload.id !== id) }))

/** Sends a file; `kind` empty: its header says where it belongs. Resolves when the server has looked at it. */
export function uploadModel(file: File, kind = ''): Promise<Upload | undefined> {
  last += 1
  const id = last
  const asking = new XMLHttpRequest()
  const upload: Upload = {
    id,
    name: file.name,
    size: file.size,
    sent: 0,
    state: 'sending',
    message: '',
    code: '',
    kind,
    file,
    stop: () => asking.abort(),
  }
  useUploads.setState(({ uploads }) => ({ uploads: [...uploads, upload] }))
  asking.open('PUT', withQuery('/limner/models/upload', { name: file.name, kind }))
  asking.upload.onprogress = (event) =>
    change(id, { sent: event.loaded, state: event.loaded >= file.size ? 'checking' : 'sending' })
  return new Promise((resolve) => {
    asking.onabort = () => {
      forgetUpload(id)
      resolve(undefined)
    }
    asking.onerror = () => {
      change(id, { state: 'failed', code: 'offline', message: '' })
      resolve(undefined)
    }
    asking.onload = () => {
      const body = parsed(asking.responseText)
      if (asking.status < 300) {
        change(id, { state: 'done', sent: file.size, kind: String(body.kind ?? kind) })
        readAgain()
      } else {
        const { code, message } = readRefusal(body)
        change(id, { state: 'failed', code, message: message || asking.statusText })
      }
      resolve(useUploads.getState().uploads.find((one) => one.id === id))
    }
    asking.send(file)
  })
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
