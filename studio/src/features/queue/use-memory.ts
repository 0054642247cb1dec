/** How much memory the worker of a running job holds; nothing for those who may not see it. */
import { useQuery } from '@tanstack/react-query'
import { getJson } from '@/net/api'

interface WorkerMemory {
  running?: string[]
  bytes?: number
}

const EVERY = 4_000

/** Bytes of the models and results that the worker which runs a job holds; undefined: nobody knows. */
export function useMemory(job: string): number | undefined {
  const { data } = useQuery({
    queryKey: ['memory'],
    queryFn: ({ signal }) => getJson<{ workers: WorkerMemory[] }>('/limner/memory', { signal }),
    refetchInterval: ({ state }) => (state.error ? false : EVERY),
    retry: false,
    select: ({ workers }) => workers.find((worker) => worker.running?.includes(job))?.bytes,
  })
  return data
}
