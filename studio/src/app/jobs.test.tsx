import { QueryClient } from '@tanstack/react-query'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { adoptJobs, jobsOfDocument, PREVIEWS, progressOf, takeMessages, trackJob, useJobs } from './jobs'

const client = new QueryClient()
const told = (type: string, data: Record<string, unknown> = {}) => ({
  type,
  data: { prompt_id: 'a', ...data },
})
const job = () => useJobs.getState().jobs.a!

beforeEach(() => {
  useJobs.setState({ jobs: {}, order: [], remaining: 0 })
  let last = 0
  vi.stubGlobal(
    'URL',
    Object.assign(URL, { createObjectURL: () => `blob:${++last}`, revokeObjectURL: vi.fn() }),
  )
})

const track = () => trackJob({ id: 'a', document: 'd', title: 'apple', group: '', total: 4 })

describe('a job that runs', () => {
  it('goes from waiting over its nodes to its pictures', () => {
    track()
    expect(job().state).toBe('waiting')
    takeMessages(
      [told('execution_start'), told('execution_cached', { nodes: ['1'] }), told('executing', { node: '2' })],
      client,
    )
    expect(job().nodes['1']?.state).toBe('cached')
    expect(job()).toMatchObject({ state: 'running', node: '2' })
    takeMessages([told('progress', { node: '2', value: 5, max: 10 })], client)
    expect(job().nodes['2']).toMatchObject({ value: 5, max: 10 })
    const file = { filename: 'a.png', subfolder: '', type: 'output' }
    takeMessages(
      [told('executed', { node: '3', output: { images: [file] } }), told('execution_success')],
      client,
    )
    expect(job()).toMatchObject({
      state: 'succeeded',
      outputs: [{ node: '3', file: { ...file, media: 'images' } }],
    })
    expect(job().nodes['2']?.state).toBe('done')
  })

  it('never says that it goes back', () => {
    track()
    const seen: number[] = []
    const say = (...messages: ReturnType<typeof told>[]) => {
      takeMessages(messages, client)
      seen.push(progressOf(job()))
    }
    say(told('execution_start'))
    say(told('executing', { node: '1' }))
    say(told('executing', { node: '2' }))
    for (let step = 1; step <= 10; step += 1) say(told('progress', { node: '2', value: step, max: 10 }))
    say(told('executing', { node: '3' }))
    say(told('executing', { node: '4' }))
    say(told('execution_success'))
    expect(seen.at(-1)).toBe(1)
    expect([...seen].sort((one, other) => one - other)).toEqual(seen)
  })

  it('is not nearly done because much of it is remembered', () => {
    takeMessages([told('execution_start'), told('execution_cached', { nodes: ['1', '2'] })], client)
    expect(progressOf(job())).toBe(0)
    track()
    takeMessages(
      [told('executing', { node: '3' }), told('progress', { node: '3', value: 1, max: 10 })],
      client,
    )
    expect(progressOf(job())).toBeLessThan(0.11)
  })

  it('trusts what nodes took before only if it is known of those with steps', () => {
    track()
    adoptJobs([{ id: 'a', weights: { '1': 2 } }])
    takeMessages(
      [
        told('execution_start'),
        told('executing', { node: '1' }),
        told('executing', { node: '2' }),
        told('progress', { node: '2', value: 1, max: 10 }),
      ],
      client,
    )
    expect(progressOf(job())).toBeLessThan(1)
  })

  it('keeps the way from noise to picture in a bounded number of previews', () => {
    track()
    const frames = Array.from({ length: 3 * PREVIEWS }, () => ({
      type: 'preview' as const,
      job: 'a',
      node: '2',
      picture: new Blob(['x']),
    }))
    takeMessages(frames, client)
    expect(job().previews).toHaveLength(PREVIEWS)
    expect(job().previews[0]).toBe('blob:1')
    expect(job().previews.at(-1)).toBe(`blob:${3 * PREVIEWS}`)
  })

  it('says where it failed and why', () => {
    track()
    takeMessages(
      [
        told('execution_error', {
          node_id: '7',
          node_type: 'KSampler',
          exception_message: 'no memory',
          traceback: ['x'],
        }),
      ],
      client,
    )
    expect(job()).toMatchObject({
      state: 'failed',
      failure: { node: '7', nodeType: 'KSampler', message: 'no memory' },
    })
    expect(job().nodes['7']?.state).toBe('failed')
  })
})

describe('many jobs', () => {
  it('are kept by document, and old ones that ended are forgotten', () => {
    for (let number = 0; number < 100; number += 1) {
      trackJob({ id: `job-${number}`, document: number % 2 ? 'odd' : 'even', title: '', group: '', total: 1 })
      if (number < 90)
        takeMessages([{ type: 'execution_success', data: { prompt_id: `job-${number}` } }], client)
    }
    const state = useJobs.getState()
    expect(state.order.length).toBeLessThanOrEqual(61)
    expect(state.order.at(-1)).toBe('job-99')
    expect(jobsOfDocument(state, 'odd').every((one) => one.document === 'odd')).toBe(true)
    // Those that still run are never forgotten.
    expect(state.order.filter((id) => state.jobs[id]!.state === 'waiting')).toHaveLength(10)
  })

  it('a thousand messages are one change of the store', () => {
    track()
    const changed = vi.fn()
    const stop = useJobs.subscribe(changed)
    takeMessages(
      Array.from({ length: 1000 }, (_, at) => told('progress', { node: '2', value: at, max: 1000 })),
      client,
    )
    stop()
    expect(changed).toHaveBeenCalledTimes(1)
    expect(job().nodes['2']?.value).toBe(999)
  })
})
