/** What a document has made: pictures of jobs that ran in this page, and of those before it was loaded. Newest first. */
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type LiveJob, QUEUE, useJobs } from '@/app/jobs'
import { getJson } from '@/net/api'
import type { SavedFile } from '@/net/files'
import { useTrashed } from './trashed'

export interface Result {
  /** Names it: `type/subfolder/filename`. */
  key: string
  file: SavedFile
  job: string
  /** Jobs that were run together; the job alone otherwise. */
  group: string
  ended: number
}

export const keyOf = (file: SavedFile): string => `${file.type}/${file.subfolder}/${file.filename}`

const PICTURE = /\.(png|jpe?g|webp|avif|gif|bmp)$/i

/** Whether a file is a picture that is kept. */
export const isPicture = (file: SavedFile): boolean => file.type === 'output' && PICTURE.test(file.filename)

interface Row {
  id: string
  document: string
  group: string
  ended: number
  outputs: (SavedFile & { node: string })[]
}

const ASKED = 200

export function useResults(document: string): Result[] {
  const { data } = useQuery({
    queryKey: [...QUEUE, 'results', document],
    queryFn: () =>
      getJson<{ jobs: Row[] }>('/limner/jobs', { query: { state: 'succeeded', limit: ASKED } }).then(
        ({ jobs }) => jobs.filter((job) => job.document === document),
      ),
    enabled: document !== '',
  })
  const live = useLiveOutputs(document)
  const trashed = useTrashed((state) => state.keys)
  return useMemo(() => {
    const seen = new Set<string>()
    const found: Result[] = []
    for (const result of [...live, ...(data ?? []).flatMap(readRow)]) {
      if (seen.has(result.key) || trashed.has(result.key) || !isPicture(result.file)) continue
      seen.add(result.key)
      found.push(result)
    }
    return found.sort((one, other) => other.ended - one.ended)
  }, [live, data, trashed])
}

const readRow = (row: Row): Result[] =>
  row.outputs.map(({ node: _, ...file }) => ({
    key: keyOf(file),
    file,
    job: row.id,
    group: row.group || row.id,
    ended: row.ended,
  }))

const NONE: Result[] = []

/** Results of this page's jobs; a list of its own only when one of them gave another file. */
function useLiveOutputs(document: string): Result[] {
  const mark = useJobs((state) =>
    state.order
      .map((id) => state.jobs[id]!)
      .filter((job) => job.document === document && job.outputs.length > 0)
      .map((job) => `${job.id}:${job.outputs.length}:${job.ended}`)
      .join(' '),
  )
  return useMemo(() => {
    if (!mark) return NONE
    const { jobs, order } = useJobs.getState()
    return order
      .map((id) => jobs[id]!)
      .filter((job) => job.document === document)
      .flatMap(readJob)
      .reverse()
  }, [mark, document])
}

const readJob = (job: LiveJob): Result[] =>
  job.outputs.map(({ file }) => ({
    key: keyOf(file),
    file,
    job: job.id,
    group: job.group || job.id,
    ended: job.ended || Date.now(),
  }))
