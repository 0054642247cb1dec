import { Copy, Images, PencilLine, RotateCcw, Workflow as WorkflowIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { shownDate, shownDuration, t } from '@/i18n/text'
import { fileUrl, thumbUrl } from '@/net/files'
import { isOver, type JobView } from '@/net/queue'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Disclosure } from '@/ui/disclosure'
import { ErrorNote } from '@/ui/error-note'
import { Skeleton } from '@/ui/skeleton'
import { JobInputs } from './job-inputs'
import { copyText, showResult } from './job-menu'
import { JobTimeline } from './job-timeline'
import { nameOf, reportOf, STATE_TONES, stateWord } from './job-words'
import { useJobView } from './lists'
import { duplicateAndEdit, openAsGraph } from './open-job'
import { retry } from './orders'
import { RunningLine } from './running-line'

const ICON = { size: 14, strokeWidth: 1.5, 'aria-hidden': true } as const
const PICTURE = /\.(png|jpe?g|webp|gif|avif)$/i

/** All that is known of one job: its pictures, why it failed, its inputs, what its nodes took, the log. */
export function JobDetails({ id }: { id: string }) {
  const { data: view, error } = useJobView(id)
  if (error && !view)
    return (
      <div className="p-4">
        <ErrorNote title={t('This job cannot be shown')}>{error.message}</ErrorNote>
      </div>
    )
  if (!view)
    return (
      <div className="flex flex-col gap-3 p-4">
        <Skeleton className="h-5 w-2/3" />
        <Skeleton className="h-40" />
        <Skeleton className="h-24" />
      </div>
    )
  return (
    <div className="flex flex-col gap-4 p-4">
      <header className="flex flex-col gap-2">
        <div className="flex items-center gap-2">
          <Badge tone={STATE_TONES[view.state]}>{stateWord(view.state)}</Badge>
          <span className="truncate text-label text-faint">
            {view.title === nameOf(view) ? '' : view.title}
          </span>
        </div>
        <h2 className="line-clamp-4 text-body font-medium break-words">{nameOf(view)}</h2>
        {view.state === 'running' ? <RunningLine row={view} /> : null}
      </header>
      <Pictures view={view} />
      <Problem view={view} />
      <div className="flex flex-wrap gap-2">
        {isOver(view) ? (
          <Button small icon={<RotateCcw {...ICON} />} onClick={() => void retry([view])}>
            {view.state === 'succeeded' ? t('Run again') : t('Retry')}
          </Button>
        ) : null}
        <Button small icon={<WorkflowIcon {...ICON} />} onClick={() => void openAsGraph(view.id)}>
          {t('Open as graph')}
        </Button>
        <Button small icon={<PencilLine {...ICON} />} onClick={() => void duplicateAndEdit(view.id)}>
          {t('Duplicate and edit')}
        </Button>
        {view.outputs[0] ? (
          <Button small icon={<Images {...ICON} />} onClick={() => showResult(view)}>
            {t('Gallery')}
          </Button>
        ) : null}
      </div>
      <Times view={view} />
      <div className="flex flex-col">
        <Disclosure name="queue.inputs" title={t('Inputs')} open>
          <JobInputs prompt={view.prompt} />
        </Disclosure>
        {view.timeline.length > 0 ? (
          <Disclosure name="queue.timeline" title={t('Timeline')} open>
            <JobTimeline steps={view.timeline} />
          </Disclosure>
        ) : null}
        {view.log.length > 0 ? (
          <Disclosure name="queue.log" title={t('Log')}>
            <Log view={view} />
          </Disclosure>
        ) : null}
      </div>
    </div>
  )
}

function Pictures({ view }: { view: JobView }) {
  const pictures = view.outputs.filter((file) => PICTURE.test(file.filename))
  if (pictures.length === 0) return null
  const single = pictures.length === 1
  return (
    <ul className={single ? 'grid grid-cols-1' : 'grid grid-cols-3 gap-1'}>
      {pictures.map((file) => (
        <li key={`${file.subfolder}/${file.filename}`}>
          <a
            href={fileUrl(file)}
            target="_blank"
            rel="noreferrer"
            className="block overflow-hidden rounded-control border bg-bg"
            aria-label={t('Open {{name}}', { name: file.filename })}
          >
            <img
              src={thumbUrl(file, single ? 512 : 256)}
              alt={view.text.slice(0, 200)}
              loading="lazy"
              className={single ? 'max-h-72 w-full object-contain' : 'aspect-square w-full object-cover'}
            />
          </a>
        </li>
      ))}
    </ul>
  )
}

function Problem({ view }: { view: JobView }) {
  if (!view.error) return null
  const title =
    view.state === 'lost'
      ? t('The server lost this job and gave it up')
      : view.error.node_type
        ? t('{{type}} (node {{node}}) failed', { type: view.error.node_type, node: view.error.node })
        : t('It failed')
  return (
    <ErrorNote
      title={title}
      actions={
        <Button small icon={<Copy {...ICON} />} onClick={() => copyText(reportOf(view, view.traceback))}>
          {t('Copy error')}
        </Button>
      }
    >
      <p>{view.error.message}</p>
      {view.tips ? <p className="mt-1">{view.tips}</p> : null}
      {view.traceback.length > 0 ? (
        <Disclosure name="queue.traceback" title={t('Details')}>
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
            tabIndex={0}
            className="max-h-60 overflow-auto rounded-control border bg-bg p-2 font-mono text-caption text-muted"
          >
            {view.traceback.join('')}
          </pre>
        </Disclosure>
      ) : null}
    </ErrorNote>
  )
}

function Times({ view }: { view: JobView }) {
  const facts: [string, ReactNode][] = [
    [t('Queued'), shownDate(view.created)],
    ...(view.started ? [[t('Started'), shownDate(view.started)] as [string, ReactNode]] : []),
    ...(view.started && view.ended
      ? [[t('Took'), shownDuration(view.ended - view.started)] as [string, ReactNode]]
      : []),
    ...(!isOver(view) && view.expected
      ? [[t('Expected'), shownDuration(view.expected * 1000)] as [string, ReactNode]]
      : []),
    ...(view.attempt > 1 || view.returned
      ? [
          [t('Started again'), view.returned || t('{{count}} times', { count: view.attempt })] as [
            string,
            ReactNode,
          ],
        ]
      : []),
  ]
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-label">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-faint">{name}</dt>
          <dd className="text-muted tabular">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const Log = ({ view }: { view: JobView }) => (
  <>
    <p className="text-label text-faint">{t('What the server wrote while it ran.')}</p>
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
      tabIndex={0}
      className="max-h-72 overflow-auto rounded-control border bg-bg p-2 font-mono text-caption whitespace-pre-wrap text-muted"
    >
      {view.log.map((line) => line.text).join('\n')}
    </pre>
  </>
)
