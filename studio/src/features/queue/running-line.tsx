import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { type LiveJob, progressOf, secondsLeft, useJob } from '@/app/jobs'
import { shownBytes, shownDuration, shownNumber, t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { getJob, type JobRow } from '@/net/queue'
import { Progress } from '@/ui/progress'
import { useMemory } from './use-memory'

/** The time, again every second while something runs. */
function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** What a node of a running job is called: by its author, else by its definition. */
function useNodeName(job: string, node: string): string {
  const { data } = useQuery({
    queryKey: ['prompt-of', job],
    queryFn: ({ signal }) => getJob(job, signal),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: node !== '',
    select: (view) => view.prompt,
  })
  const { definitions } = useDefinitions()
  const path = node.split('.')[0]!.split(':')
  const known = data?.[node] ?? data?.[path.join(':')]
  if (!known) return ''
  return known._meta?.title || definitions?.get(known.class_type)?.title || known.class_type
}

/** How far it is; of a job whose progress is told to another program only, by the clock. */
function standing(row: JobRow, live: LiveJob | undefined, now: number): { left?: number; progress: number } {
  if (live && Object.keys(live.nodes).length > 0)
    return { left: secondsLeft(live, now), progress: progressOf(live) }
  if (!row.expected || !row.started) return { progress: 0 }
  const spent = (now - row.started) / 1000
  return { left: Math.max(0, row.expected - spent), progress: Math.min(0.95, spent / row.expected) }
}

/** How far a running job is: its node, the step, the time that is left. */
export function RunningLine({ row }: { row: JobRow }) {
  const live = useJob(row.id)
  const now = useNow()
  const node = live?.node ?? ''
  const name = useNodeName(row.id, node)
  const run = live?.nodes[node]
  const memory = useMemory(row.id)
  const { left, progress } = standing(row, live, now)
  const parts = [
    row.stopping ? t('Stopping…') : name,
    run && run.max > 1 ? t('step {{step}} of {{steps}}', { step: run.value, steps: run.max }) : '',
    left !== undefined && left > 0
      ? t('{{time}} left', { time: shownDuration(left * 1000) })
      : row.started
        ? t('for {{time}}', { time: shownDuration(now - row.started) })
        : '',
    memory ? t('{{size}} in memory', { size: shownBytes(memory) }) : '',
  ].filter(Boolean)
  return (
    <span className="flex min-w-0 flex-col gap-1">
      <span className="truncate text-label text-muted tabular">{parts.join(' · ') || t('Running')}</span>
      <span className="flex items-center gap-2">
        <Progress
          value={progress > 0 ? progress : undefined}
          label={t('Progress of {{title}}', { title: row.title || row.text })}
          className="min-w-0 max-w-80 flex-1"
        />
        {progress > 0 ? (
          <span className="w-9 text-end text-caption text-muted tabular">
            {shownNumber(progress, { style: 'percent' })}
          </span>
        ) : null}
      </span>
    </span>
  )
}
