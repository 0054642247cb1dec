import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, getJson, postJson, readRefusal, withQuery } from './api'

afterEach(() => vi.unstubAllGlobals())

const answering = (body: string, init: ResponseInit = {}) => {
  const fetched = vi.fn(async () => new Response(body, init))
  vi.stubGlobal('fetch', fetched)
  return fetched
}

describe('requests', () => {
  it('leave out what is not set', () => {
    expect(withQuery('/view', { a: 'x y', b: '', c: undefined, d: 0, e: false })).toBe(
      '/view?a=x+y&d=0&e=false',
    )
  })

  it('send and give JSON', async () => {
    const fetched = answering('{"ok":1}')
    expect(await postJson('/x', { a: 1 })).toEqual({ ok: 1 })
    expect(fetched).toHaveBeenCalledWith('/x', expect.objectContaining({ method: 'POST', body: '{"a":1}' }))
  })

  it('that are refused say what the server said', async () => {
    answering('{"error":{"type":"value_not_in_list","message":"Value not in list.","details":"ckpt_name"}}', {
      status: 400,
    })
    await expect(getJson('/x')).rejects.toMatchObject({
      status: 400,
      code: 'value_not_in_list',
      message: 'Value not in list. ckpt_name',
    })
  })

  it('that find no server say so', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('failed')
    })
    const error = await getJson('/x').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApiError)
    expect((error as ApiError).offline).toBe(true)
  })
})

it.each([
  [{ error: 'Job not found' }, { code: '', message: 'Job not found' }],
  [{ error: { code: 'x', message: 'Why.' } }, { code: 'x', message: 'Why.' }],
  [{ detail: 'Nothing.' }, { code: '', message: 'Nothing.' }],
  ['text', { code: '', message: '' }],
])('reads the refusal %j', (body, expected) => expect(readRefusal(body)).toEqual(expected))
