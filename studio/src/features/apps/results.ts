/** What an app has made: of jobs that ran in this page, and of those before it was loaded. The newest first. */
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { QUEUE, useJobs } from '@/app/jobs'
import { getJson } from '@/net/api'
import type { SavedFile } from '@/net/files'

interface Row {
  id: string
  document: string
  outputs: (SavedFile & { node: string })[]
}

export interface Made {
  key: string
  file: SavedFile
  job: string
}

const ASKED = 100

export function useMade(document: string): Made[] {
  const { data } = useQuery({
    queryKey: [...QUEUE, 'made', document],
    queryFn: () =>
      getJson<{ jobs: Row[] }>('/limner/jobs', { query: { state: 'succeeded', limit: ASKED } }).then(
        ({ jobs }) => jobs.filter((job) => job.document === document),
      ),
  })
  const mark = useJobs((state) =>
    state.order
      .map((id) => state.jobs[id])
      .filter((job) => job?.document === document)
      .map((job) => `${job?.id}:${job?.outputs.length}`)
      .join(' '),
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark says when the jobs of this app changed.
  return useMemo(() => {
    const { jobs, order } = useJobs.getState()
    const live = [...order]
      .reverse()
      .flatMap((id) => jobs[id] ?? [])
      .filter((job) => job.document === document)
    const all = [
      ...live.flatMap((job) => job.outputs.map(({ file }) => ({ file, job: job.id }))),
      ...(data ?? []).flatMap((job) => job.outputs.map(({ node: _, ...file }) => ({ file, job: job.id }))),
    ]
    const found = new Map<string, Made>()
    for (const { file, job } of all) {
      const key = `${file.type}/${file.subfolder}/${file.filename}`
      if (file.type === 'output' && !found.has(key)) found.set(key, { key, file, job })
    }
    return [...found.values()]
  }, [mark, data, document])
}

export const isPicture = (file: SavedFile): boolean =>
  /\.(png|jpe?g|webp|avif|gif|bmp|svg)$/i.test(file.filename)
export const isVideo = (file: SavedFile): boolean => /\.(mp4|webm|mov|mkv)$/i.test(file.filename)
export const isSound = (file: SavedFile): boolean => /\.(mp3|wav|flac|ogg|opus|m4a)$/i.test(file.filename)
