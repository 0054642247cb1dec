import { ImageIcon } from 'lucide-react'
import { useState } from 'react'
import { isLive, jobsOfDocument, type LiveJob, progressOf, useJob, useJobs } from '@/app/jobs'
import { PictureActionRow, usePictureActions } from '@/app/picture-actions'
import { usePreferences } from '@/app/preferences'
import { t } from '@/i18n/text'
import { fileUrl, type SavedFile, thumbUrl } from '@/net/files'
import { ErrorNote } from '@/ui/error-note'
import { Progress } from '@/ui/progress'
import { isPicture, isSound, isVideo, type Made, useMade } from './results'

/** What an app gives: what is being made, the result, and what it made before. */
export function AppOutput({ document }: { document: string }) {
  const made = useMade(document)
  const [chosen, choose] = useState('')
  const last = useJobs((state) => jobsOfDocument(state, document).at(-1)?.id ?? '')
  const job = useJob(last)
  const live = job && isLive(job) ? job : undefined
  const shown = made.find((entry) => entry.key === chosen) ?? made[0]
  return (
    <section
      data-app-result
      aria-label={t('Result')}
      className="flex min-h-0 min-w-0 flex-1 flex-col max-sm:flex-none"
    >
      <div className="relative flex min-h-0 flex-1 items-center justify-center bg-bg p-4 max-sm:min-h-72 max-sm:flex-none max-sm:p-0">
        {live ? <LiveView job={live} /> : shown ? <ResultView file={shown.file} /> : <Nothing />}
      </div>
      {job?.state === 'failed' && job.failure ? (
        <div className="px-4 pb-3">
          <ErrorNote title={t('It failed at {{node}}.', { node: job.failure.nodeType || job.failure.node })}>
            {job.failure.message}
          </ErrorNote>
        </div>
      ) : null}
      <div className="flex h-10 shrink-0 items-center border-t px-4">
        {live ? <LiveLine job={live} /> : <DoneLine job={job} />}
      </div>
      {shown && !live ? <Actions file={shown.file} /> : null}
      <History made={made} chosen={shown?.key ?? ''} onChoose={choose} />
    </section>
  )
}

const Nothing = () => (
  <div className="flex flex-col items-center gap-2 text-body text-muted">
    <ImageIcon size={32} strokeWidth={1} aria-hidden="true" className="text-faint" />
    {t('What it makes is shown here.')}
  </div>
)

/** The newest preview; a quiet place while there is none. */
function LiveView({ job }: { job: LiveJob }) {
  const previews = usePreferences((state) => state.previews)
  const preview = previews === 'off' ? undefined : job.previews.at(-1)
  return preview ? (
    <img
      src={preview}
      alt={t('Preview')}
      className={previews === 'small' ? 'max-h-48 rounded-control' : 'size-full object-contain'}
    />
  ) : (
    <p className="text-body text-muted">
      {job.state === 'waiting' ? t('Waiting for its turn') : t('It begins')}
    </p>
  )
}

function LiveLine({ job }: { job: LiveJob }) {
  const run = job.nodes[job.node]
  return (
    <div className="flex w-full items-center gap-3 text-label text-muted">
      <span className="tabular shrink-0">
        {job.state === 'waiting'
          ? t('Waiting')
          : run && run.max > 1
            ? t('Step {{step}} of {{steps}}', { step: run.value, steps: run.max })
            : t('{{percent}} %', { percent: Math.round(progressOf(job) * 100) })}
      </span>
      <Progress
        value={job.state === 'running' ? progressOf(job) : undefined}
        label={t('Progress of {{title}}', { title: job.title })}
        className="flex-1"
      />
    </div>
  )
}

const DoneLine = ({ job }: { job: LiveJob | undefined }) => (
  <p className="text-label text-muted">
    {job?.state === 'succeeded' ? t('Done') : job?.state === 'interrupted' ? t('It was stopped.') : ''}
  </p>
)

function ResultView({ file }: { file: SavedFile }) {
  const url = fileUrl(file)
  if (isVideo(file))
    return (
      // biome-ignore lint/a11y/useMediaCaption: films that were drawn have no words.
      <video src={url} controls loop className="max-h-full max-w-full" />
    )
  if (isSound(file))
    return (
      // biome-ignore lint/a11y/useMediaCaption: sound that was drawn has no captions.
      <audio src={url} controls className="w-full max-w-lg" />
    )
  if (isPicture(file))
    return (
      <img
        src={url}
        alt={t('Result {{name}}', { name: file.filename })}
        data-picture="result"
        className="size-full object-contain"
      />
    )
  return (
    <a href={url} download={file.filename} className="text-body text-accent underline">
      {file.filename}
    </a>
  )
}

function Actions({ file }: { file: SavedFile }) {
  const actions = usePictureActions(isPicture(file) ? file : undefined, { omit: ['recall', 'vary'] })
  if (actions.length === 0) return null
  return (
    <div className="shrink-0 px-3 pb-2">
      <PictureActionRow actions={actions} />
    </div>
  )
}

const SHOWN = 60

function History({
  made,
  chosen,
  onChoose,
}: {
  made: Made[]
  chosen: string
  onChoose: (key: string) => void
}) {
  if (made.length < 2) return null
  return (
    <ul aria-label={t('What it made before')} className="flex shrink-0 gap-2 overflow-x-auto border-t p-3">
      {made.slice(0, SHOWN).map(({ key, file }) => (
        <li key={key} className="shrink-0">
          <button
            type="button"
            onClick={() => onChoose(key)}
            aria-current={key === chosen || undefined}
            aria-label={t('Result {{name}}', { name: file.filename })}
            className="block size-16 overflow-hidden rounded-control border bg-raised text-caption aria-[current]:border-accent aria-[current]:outline-1 aria-[current]:outline-accent"
          >
            {isPicture(file) ? (
              <img src={thumbUrl(file)} alt="" loading="lazy" className="size-full object-cover" />
            ) : (
              <span className="line-clamp-3 p-1 break-all">{file.filename}</span>
            )}
          </button>
        </li>
      ))}
    </ul>
  )
}
