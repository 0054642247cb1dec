/** The queue's lists from the server: what runs, what waits, what failed, what is done; filtered, page by page. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { QUEUE } from '@/app/jobs'
import { getJob, getQueue, type JobQuery, type JobRow, listJobs } from '@/net/queue'

export type Span = 'any' | 'hour' | 'today' | 'week' | 'month'

export interface Filter {
  state: 'all' | 'waiting' | 'failed' | 'done'
  text: string
  span: Span
}

const PAGE = 50
/** Waiting jobs are read whole, up to so many. */
const MOST_WAITING = 500

const DAYS: Record<Exclude<Span, 'any' | 'hour' | 'today'>, number> = { week: 7, month: 30 }

/** The moment that a span of time begins at; 0: any. Whole hours, so that a list's key stays the same for a while. */
export function beginOf(span: Span, now = new Date()): number {
  if (span === 'any') return 0
  const hour = new Date(now).setMinutes(0, 0, 0)
  if (span === 'hour') return hour - 3_600_000 + now.getMinutes() * 60_000
  const day = new Date(now).setHours(0, 0, 0, 0)
  return span === 'today' ? day : day - (DAYS[span] - 1) * 86_400_000
}

export const useQueueState = () =>
  useQuery({ queryKey: [...QUEUE, 'state'], queryFn: ({ signal }) => getQueue(signal) })

export const useJobView = (id: string) =>
  useQuery({
    queryKey: [...QUEUE, 'view', id],
    queryFn: ({ signal }) => getJob(id, signal),
    enabled: id !== '',
    retry: false,
  })

/** A text that follows another one after a pause of typing. */
export function useSettled(text: string, milliseconds = 250): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), milliseconds)
    return () => clearTimeout(timer)
  }, [text, milliseconds])
  return settled
}

function usePaged(name: string, query: JobQuery, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: [...QUEUE, name, query],
    queryFn: ({ pageParam, signal }) => listJobs({ ...query, limit: PAGE, before: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    enabled,
  })
}

export interface Lists {
  running: JobRow[]
  waiting: JobRow[]
  failed: JobRow[]
  done: JobRow[]
  waitingTotal: number
  failedTotal: number
  doneTotal: number
  loading: boolean
  error: Error | null
  more: { failed?: () => void; done?: () => void }
  again: () => void
}

/** All lists that a filter shows. */
export function useLists(filter: Filter): Lists {
  const q = useSettled(filter.text.trim())
  const common: JobQuery = { q, since: beginOf(filter.span) }
  const shows = (state: Filter['state']) => filter.state === 'all' || filter.state === state
  const running = useQuery({
    queryKey: [...QUEUE, 'runs', common],
    queryFn: ({ signal }) => listJobs({ ...common, state: 'running', limit: 100 }, signal),
    placeholderData: keepPreviousData,
    enabled: filter.state === 'all',
  })
  const waiting = useQuery({
    queryKey: [...QUEUE, 'waits', common],
    queryFn: ({ signal }) => listJobs({ ...common, state: 'waiting', limit: MOST_WAITING }, signal),
    placeholderData: keepPreviousData,
    enabled: shows('waiting'),
  })
  const failed = usePaged('failed', { ...common, state: 'failed' }, shows('failed'))
  const done = usePaged('done', { ...common, state: 'succeeded,interrupted' }, shows('done'))
  const queries = [running, waiting, failed, done]
  const failedRows = useMemo(() => rowsOf(failed.data), [failed.data])
  const doneRows = useMemo(() => rowsOf(done.data), [done.data])
  const on = {
    running: filter.state === 'all',
    waiting: shows('waiting'),
    failed: shows('failed'),
    done: shows('done'),
  }
  return {
    running: on.running ? (running.data?.jobs ?? NONE) : NONE,
    waiting: on.waiting ? (waiting.data?.jobs ?? NONE) : NONE,
    failed: on.failed ? failedRows : NONE,
    done: on.done ? doneRows : NONE,
    waitingTotal: waiting.data?.total ?? 0,
    failedTotal: failed.data?.pages[0]?.total ?? 0,
    doneTotal: done.data?.pages[0]?.total ?? 0,
    loading: queries.some((query) => query.isLoading),
    error: queries.find((query) => query.error && !query.data)?.error ?? null,
    more: {
      failed: failed.hasNextPage ? () => void failed.fetchNextPage() : undefined,
      done: done.hasNextPage ? () => void done.fetchNextPage() : undefined,
    },
    again: () => {
      for (const query of queries) if (query.error) void query.refetch()
    },
  }
}

const NONE: JobRow[] = []

const rowsOf = (data: { pages: { jobs: JobRow[] }[] } | undefined): JobRow[] =>
  data ? data.pages.flatMap((page) => page.jobs) : NONE
