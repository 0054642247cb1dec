import { ListVideo } from 'lucide-react'
import { shownNumber, t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { progressOf, useJobs } from './jobs'
import { toggleQueueDrawer } from './queue-drawer'

/** How many jobs there are and how far the running one is; a click opens the drawer. */
export function QueueChip() {
  const remaining = useJobs((state) => state.remaining)
  const percent = useJobs((state) => {
    const running = state.order.map((id) => state.jobs[id]!).find((job) => job.state === 'running')
    return running ? Math.round(progressOf(running) * 100) : -1
  })
  const said = remaining === 0 ? t('Queue') : t('{{count}} jobs', { count: remaining })
  return (
    <button
      type="button"
      onClick={toggleQueueDrawer}
      aria-label={
        percent >= 0
          ? t('Queue: {{said}}, {{percent}} percent', { said, percent })
          : t('Queue: {{said}}', { said })
      }
      className={classes(
        'flex h-control min-w-(--control) items-center justify-center gap-2 rounded-control border px-2 text-label tabular hover:bg-hover',
        remaining > 0 ? 'text-text' : 'text-faint',
      )}
    >
      <ListVideo size={16} strokeWidth={1.5} aria-hidden="true" />
      {remaining > 0 ? <span>{shownNumber(remaining)}</span> : null}
      {percent >= 0 ? <span className="text-accent max-sm:hidden">{percent} %</span> : null}
    </button>
  )
}
