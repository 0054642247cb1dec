import { Eye, EyeOff, Minimize2 } from 'lucide-react'
import { type LiveJob, progressOf, secondsLeft, useJob, useJobs } from '@/app/jobs'
import { prefer, usePreferences } from '@/app/preferences'
import { shownDuration, t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Progress } from '@/ui/progress'
import { useSecond } from './use-second'

const NEXT = { full: 'small', small: 'off', off: 'full' } as const

/** How far the running job is: step, rest of the time, how many wait. Its line stays when nothing runs, so nothing jumps. */
export function JobLine({ document, job: id }: { document: string; job: string }) {
  const job = useJob(id)
  const waiting = useJobs(
    (state) =>
      state.order.filter((one) => {
        const other = state.jobs[one]!
        return other.document === document && other.state === 'waiting' && one !== id
      }).length,
  )
  const previews = usePreferences((state) => state.previews)
  useSecond(job?.state === 'running')
  const names = {
    full: t('Previews: large'),
    small: t('Previews: small'),
    off: t('Previews: off'),
  }
  const Icon = { full: Eye, small: Minimize2, off: EyeOff }[previews]
  return (
    <div className="flex h-10 shrink-0 items-center gap-3 ps-4 pe-2 text-label text-muted">
      {job ? (
        <>
          <span className="tabular min-w-0 shrink-0 truncate">{stepLine(job)}</span>
          <Progress
            value={job.state === 'running' ? progressOf(job) : undefined}
            label={t('Progress of {{title}}', { title: job.title })}
            className="max-w-80 min-w-16 flex-1"
          />
          <span className="tabular min-w-0 truncate">{restLine(job)}</span>
          {waiting > 0 ? (
            <span className="tabular shrink-0">{t('{{number}} more', { number: waiting })}</span>
          ) : null}
        </>
      ) : null}
      <span className="ms-auto">
        <IconButton label={names[previews]} small onClick={() => prefer({ previews: NEXT[previews] })}>
          <Icon size={16} strokeWidth={1.5} />
        </IconButton>
      </span>
    </div>
  )
}

function stepLine(job: LiveJob): string {
  if (job.state === 'waiting') return t('Waiting')
  const run = job.nodes[job.node]
  if (run && run.max > 1) return t('Step {{step}} of {{steps}}', { step: run.value, steps: run.max })
  return t('{{percent}} %', { percent: Math.round(progressOf(job) * 100) })
}

/** How much longer, once that can be told; until then how long it has been running. */
function restLine(job: LiveJob): string {
  if (job.state !== 'running' || !job.began) return ''
  const left = secondsLeft(job)
  if (left === undefined) return shownDuration(Date.now() - job.began)
  return t('about {{time}} left', { time: shownDuration(Math.ceil(left) * 1000) })
}
