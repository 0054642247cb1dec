import { Pause, Play, Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useCommands } from '@/app/commands'
import { goTo } from '@/app/navigation'
import type { ScreenProps } from '@/app/screens'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { ErrorNote } from '@/ui/error-note'
import { Input } from '@/ui/input'
import { Panel } from '@/ui/panel'
import { ScreenHeader } from '@/ui/screen-frame'
import { Segmented } from '@/ui/segmented'
import { Select } from '@/ui/select'
import { Sheet } from '@/ui/sheet'
import { Skeleton } from '@/ui/skeleton'
import { NARROW, PHONE, useMedia } from '@/ui/use-media'
import { JobDetails } from './job-details'
import { JobList } from './job-list'
import { type Filter, type Lists, type Span, useLists, useQueueState } from './lists'
import { cancel, pause, release, retry, useLeaving } from './orders'
import { PausedBar } from './paused-bar'
import { QueueActions } from './queue-actions'

/** What runs, what waits, what failed and why, what is done. */
export default function QueueScreen({ rest }: ScreenProps) {
  const [filter, setFilter] = useState<Filter>({ state: 'all', text: '', span: 'any' })
  const lists = useLists(filter)
  const narrow = useMedia(NARROW)
  const phone = useMedia(PHONE)
  const { data: state } = useQueueState()
  const paused = state?.paused ?? false
  const choose = (id: string) => goTo('queue', id === rest ? '' : id, { replace: true })
  useCommands(
    useMemo(
      () => [
        {
          id: 'queue.pause',
          label: paused ? t('Resume the queue') : t('Pause the queue'),
          group: t('Queue'),
          run: () => void pause(!paused),
        },
      ],
      [paused],
    ),
  )
  const details = rest ? <JobDetails key={rest} id={rest} /> : null
  return (
    <div className="flex h-full flex-col">
      <ScreenHeader
        title={t('Queue')}
        actions={
          <>
            <IconButton
              look="plain"
              label={paused ? t('Resume the queue') : t('Pause the queue')}
              pressed={paused}
              onClick={() => void pause(!paused)}
            >
              {paused ? <Play size={16} strokeWidth={1.5} /> : <Pause size={16} strokeWidth={1.5} />}
            </IconButton>
            <QueueActions lists={lists} finished={state?.finished ?? 0} />
          </>
        }
      >
        {phone ? null : <Filters filter={filter} onChange={setFilter} />}
      </ScreenHeader>
      {phone ? (
        <div className="flex flex-wrap gap-2 border-b bg-surface px-4 py-3">
          <Filters filter={filter} onChange={setFilter} />
        </div>
      ) : null}
      <div className="flex min-h-0 flex-1">
        <div className="flex min-w-0 flex-1 flex-col">
          {paused ? <PausedBar /> : null}
          <Body lists={lists} filter={filter} chosen={rest} onChoose={choose} />
        </div>
        {details && !narrow ? (
          <Panel name="queue.details" side="right" size={400} min={320} max={640} label={t('Job')}>
            {details}
          </Panel>
        ) : null}
      </div>
      {narrow ? (
        <Sheet open={details !== null} onClose={() => choose(rest)} title={t('Job')} side="bottom">
          {details}
        </Sheet>
      ) : null}
    </div>
  )
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const spans: { value: Span; label: string }[] = [
    { value: 'any', label: t('Any time') },
    { value: 'hour', label: t('Last hour') },
    { value: 'today', label: t('Today') },
    { value: 'week', label: t('Last 7 days') },
    { value: 'month', label: t('Last 30 days') },
  ]
  return (
    <>
      <Segmented
        label={t('Show')}
        value={filter.state}
        onChange={(state) => onChange({ ...filter, state })}
        segments={[
          { value: 'all', label: t('All') },
          { value: 'waiting', label: t('Waiting') },
          { value: 'failed', label: t('Failed') },
          { value: 'done', label: t('Done') },
        ]}
        className="w-72 max-sm:order-2 max-sm:w-full"
      />
      <span className="relative min-w-0 flex-1 sm:max-w-64">
        <Search
          size={14}
          aria-hidden="true"
          className="pointer-events-none absolute start-2 top-1/2 -translate-y-1/2 text-faint"
        />
        <Input
          type="search"
          aria-label={t('Search titles and prompts')}
          placeholder={t('Search titles and prompts')}
          value={filter.text}
          onChange={(text) => onChange({ ...filter, text })}
          className="ps-7"
        />
      </span>
      <Select
        label={t('Time')}
        value={filter.span}
        onChange={(span) => onChange({ ...filter, span: span as Span })}
        choices={spans}
        className="!w-32 max-sm:!w-28"
      />
    </>
  )
}

interface BodyProps {
  lists: Lists
  filter: Filter
  chosen: string
  onChoose: (id: string) => void
}

function Body({ lists, filter, chosen, onChoose }: BodyProps) {
  const rows = [lists.running, lists.waiting, lists.failed, lists.done]
  const none = rows.every((list) => list.length === 0)
  if (lists.error && none)
    return (
      <div className="mx-auto w-full max-w-lg p-6">
        <ErrorNote
          title={t('The queue cannot be read')}
          actions={
            <Button small onClick={lists.again}>
              {t('Try again')}
            </Button>
          }
        >
          {lists.error.message}
        </ErrorNote>
      </div>
    )
  if (lists.loading && none)
    return (
      <div className="flex flex-col gap-3 p-4">
        {['a', 'b', 'c', 'd'].map((key) => (
          <Skeleton key={key} className="h-12" />
        ))}
      </div>
    )
  const filtered = filter.text !== '' || filter.span !== 'any'
  if (none && filtered)
    return <EmptyState title={t('Nothing found')}>{t('No job has these words in that time.')}</EmptyState>
  if (none) return <NothingYet state={filter.state} />
  return (
    <JobList
      lists={lists}
      chosen={chosen}
      onChoose={onChoose}
      nothingWaits={t('Nothing waiting.')}
      showsWaiting={filter.state === 'all' && !filtered}
      aside={(section) => <SectionAction section={section} lists={lists} />}
    />
  )
}

function SectionAction({ section, lists }: { section: string; lists: Lists }) {
  const leaving = useLeaving((state) => state.ids)
  if (section === 'failed')
    return (
      <Button small look="quiet" onClick={() => void retry(lists.failed)}>
        {t('Retry all')}
      </Button>
    )
  const waiting = lists.waiting.filter((row) => !leaving.has(row.id))
  if (section !== 'waiting' || waiting.length < 2) return null
  const held = waiting.filter((row) => row.state === 'held')
  return (
    <>
      {held.length > 0 ? (
        <Button small look="quiet" onClick={() => void release(held.map((row) => row.id))}>
          {t('Release all')}
        </Button>
      ) : null}
      <Button small look="quiet" onClick={() => cancel(waiting)}>
        {t('Cancel all waiting')}
      </Button>
    </>
  )
}

const NothingYet = ({ state }: { state: Filter['state'] }) => (
  <EmptyState
    title={state === 'failed' ? t('Nothing failed') : t('Nothing waiting')}
    actions={<Button onClick={() => goTo('create')}>{t('Make a picture')}</Button>}
  >
    {state === 'failed'
      ? t('Jobs that fail appear here, with what went wrong and a way to try them again.')
      : t('What you run appears here: what it is doing, what comes next, and what has been done.')}
  </EmptyState>
)
