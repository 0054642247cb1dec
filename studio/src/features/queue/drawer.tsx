import { Maximize2, Pause, Play } from 'lucide-react'
import { goTo } from '@/app/navigation'
import { closeQueueDrawer } from '@/app/queue-drawer'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Skeleton } from '@/ui/skeleton'
import { JobList } from './job-list'
import { type Filter, useLists, useQueueState } from './lists'
import { pause } from './orders'
import { PausedBar } from './paused-bar'
import { QueueActions } from './queue-actions'

const EVERYTHING: Filter = { state: 'all', text: '', span: 'any' }

/** The queue beside the work: the same rows and actions as on its screen. */
export default function QueueDrawer() {
  const lists = useLists(EVERYTHING)
  const { data: state } = useQueueState()
  const paused = state?.paused ?? false
  const show = (id: string) => {
    goTo('queue', id)
    closeQueueDrawer()
  }
  const none = [lists.running, lists.waiting, lists.failed, lists.done].every((list) => list.length === 0)
  return (
    <div className="flex h-full flex-col">
      <div className="flex h-12 shrink-0 items-center gap-2 border-b px-3">
        <IconButton
          look="plain"
          label={paused ? t('Resume the queue') : t('Pause the queue')}
          pressed={paused}
          onClick={() => void pause(!paused)}
        >
          {paused ? <Play size={16} strokeWidth={1.5} /> : <Pause size={16} strokeWidth={1.5} />}
        </IconButton>
        <QueueActions lists={lists} finished={state?.finished ?? 0} />
        <Button
          look="quiet"
          className="ms-auto"
          icon={<Maximize2 size={14} strokeWidth={1.5} aria-hidden="true" />}
          onClick={() => show('')}
        >
          {t('Open')}
        </Button>
      </div>
      {paused ? <PausedBar /> : null}
      {lists.error && none ? (
        <div className="p-3">
          <ErrorNote title={t('The queue cannot be read')}>{lists.error.message}</ErrorNote>
        </div>
      ) : lists.loading && none ? (
        <div className="flex flex-col gap-3 p-3">
          <Skeleton className="h-12" />
          <Skeleton className="h-12" />
        </div>
      ) : (
        <JobList
          lists={lists}
          chosen=""
          onChoose={show}
          compact
          showsWaiting
          nothingWaits={t('Nothing waiting. What you run appears here.')}
        />
      )}
    </div>
  )
}
