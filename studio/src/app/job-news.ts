/** Tells what happens to jobs where one cannot see it: screen readers, the page's title. */
import { useEffect } from 'react'
import { t } from '@/i18n/text'
import { announce } from '@/ui/announce'
import { isLive, type LiveJob, progressOf, useJobs } from './jobs'

const QUARTERS = [25, 50, 75]

export function useJobNews(): void {
  useEffect(() => {
    const told = new Map<string, number>()
    return useJobs.subscribe((state, before) => {
      if (state.jobs === before.jobs) return
      const running = state.order.map((id) => state.jobs[id]!).find((job) => job.state === 'running')
      document.title = running ? `${Math.round(progressOf(running) * 100)} % · Limner` : 'Limner'
      for (const id of state.order) {
        const job = state.jobs[id]!
        if (job !== before.jobs[id] && job.document) tell(job, before.jobs[id], told)
      }
    })
  }, [])
}

function tell(job: LiveJob, before: LiveJob | undefined, told: Map<string, number>): void {
  if (job.state === 'running' && before?.state !== 'running')
    announce(t('Started: {{title}}', { title: job.title }))
  if (isLive(job)) {
    const percent = progressOf(job) * 100
    const quarter = QUARTERS.filter((mark) => percent >= mark).at(-1) ?? 0
    if (quarter > (told.get(job.id) ?? 0)) {
      told.set(job.id, quarter)
      announce(t('{{percent}} percent', { percent: quarter }))
    }
    return
  }
  if (before && isLive(before)) {
    if (job.state === 'succeeded') announce(t('Finished: {{title}}', { title: job.title }))
    if (job.state === 'failed') announce(t('Failed: {{message}}', { message: job.failure?.message ?? '' }))
    if (job.state === 'interrupted') announce(t('Cancelled: {{title}}', { title: job.title }))
  }
}
