import { CircleCheck, CircleX, Download, FileUp, Pause, Play, RotateCcw, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { shownAge, shownBytes, shownDuration, t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { Button, IconButton } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { Progress } from '@/ui/progress'
import { Select } from '@/ui/select'
import type { AddWish } from './add-dialog'
import { kindChoices, kindTitle } from './kinds'
import { cancelPull, pausePull, resumePull } from './model-actions'
import { isGoing, type Pull, type PullState, useModelFolders, usePulls } from './model-data'
import { useSpeeds } from './pull-speed'
import { PullTrouble } from './pull-trouble'
import { forgetUpload, type Upload, uploadModel, useUploads } from './upload'

/** What comes, what came, and what could not be had. */
export function Downloads({ onAdd }: { onAdd: (wish?: AddWish) => void }) {
  const { data: pulls = [], isPending } = usePulls()
  const uploads = useUploads((state) => state.uploads)
  const speeds = useSpeeds(pulls)
  if (!isPending && pulls.length === 0 && uploads.length === 0)
    return (
      <EmptyState
        icon={<Download strokeWidth={1.5} aria-hidden="true" />}
        title={t('No downloads yet')}
        actions={<Button onClick={() => onAdd()}>{t('Add model')}</Button>}
      >
        {t('After a pause, a lost connection or a restart of the server, downloads go on where they were.')}
      </EmptyState>
    )
  return (
    <ul className="mx-auto flex max-w-4xl flex-col gap-2 px-6 py-4 max-sm:px-4" aria-label={t('Downloads')}>
      {[...uploads].reverse().map((upload) => (
        <UploadRow key={upload.id} upload={upload} />
      ))}
      {pulls.map((pull) => (
        <PullRow key={pull.id} pull={pull} speed={speeds.get(pull.id)} />
      ))}
    </ul>
  )
}

function Row({
  icon,
  title,
  detail,
  state,
  actions,
  children,
}: {
  icon: ReactNode
  title: string
  detail: ReactNode
  state: ReactNode
  actions?: ReactNode
  children?: ReactNode
}) {
  return (
    <li className="flex flex-col gap-2 rounded-card border bg-raised px-4 py-3">
      <div className="flex items-center gap-3">
        <span className="shrink-0 text-muted">{icon}</span>
        <div className="min-w-0 flex-1">
          <p className="truncate text-body font-medium">{title}</p>
          <p className="truncate text-label text-muted tabular">{detail}</p>
        </div>
        {state}
        {actions ? <div className="flex shrink-0 items-center gap-1">{actions}</div> : null}
      </div>
      {children}
    </li>
  )
}

function PullRow({ pull, speed }: { pull: Pull; speed: number | undefined }) {
  const going = isGoing(pull)
  const known = pull.total > 0
  const name = pull.file || pull.files.at(-1)?.name || pull.reference
  return (
    <Row
      icon={<StateIcon state={pull.state} />}
      title={name}
      detail={detailOf(pull, speed)}
      state={<StateBadge state={pull.state} />}
      actions={
        <>
          {going && pull.resumable ? (
            <IconButton label={t('Pause')} onClick={() => void pausePull(pull.id)}>
              <Pause size={16} />
            </IconButton>
          ) : null}
          {pull.state === 'paused' || (pull.state === 'cancelled' && pull.resumable) ? (
            <IconButton label={t('Go on')} onClick={() => void resumePull(pull.id)}>
              {pull.state === 'paused' ? <Play size={16} /> : <RotateCcw size={16} />}
            </IconButton>
          ) : null}
          {going || pull.state === 'paused' ? (
            <IconButton label={t('Cancel')} onClick={() => void cancelPull(pull.id)}>
              <X size={16} />
            </IconButton>
          ) : null}
        </>
      }
    >
      {going ? (
        <Progress
          label={t('Download of {{name}}', { name })}
          value={known && pull.state === 'running' ? pull.done / pull.total : undefined}
        />
      ) : null}
      {pull.state === 'failed' ? (
        <PullTrouble
          code={pull.code}
          message={pull.message}
          onRetry={pull.resumable ? () => void resumePull(pull.id) : undefined}
          onAgree={() => void resumePull(pull.id, true)}
        />
      ) : null}
    </Row>
  )
}

function UploadRow({ upload }: { upload: Upload }) {
  const sending = upload.state === 'sending' || upload.state === 'checking'
  return (
    <Row
      icon={
        upload.state === 'done' ? (
          <StateIcon state="finished" />
        ) : upload.state === 'failed' ? (
          <StateIcon state="failed" />
        ) : (
          <FileUp size={20} strokeWidth={1.5} aria-hidden="true" />
        )
      }
      title={upload.name}
      detail={
        upload.state === 'done'
          ? t('{{size}}, placed among: {{kind}}', {
              size: shownBytes(upload.size),
              kind: kindTitle(upload.kind),
            })
          : upload.state === 'checking'
            ? t('The server looks at it…')
            : t('{{sent}} of {{size}} sent', { sent: shownBytes(upload.sent), size: shownBytes(upload.size) })
      }
      state={
        upload.state === 'done' ? (
          <StateBadge state="finished" />
        ) : upload.state === 'failed' ? (
          <StateBadge state="failed" />
        ) : null
      }
      actions={
        <IconButton
          label={sending ? t('Cancel') : t('Remove from the list')}
          onClick={() => (sending ? upload.stop() : forgetUpload(upload.id))}
        >
          <X size={16} />
        </IconButton>
      }
    >
      {sending ? (
        <Progress
          label={t('Upload of {{name}}', { name: upload.name })}
          value={upload.size ? upload.sent / upload.size : undefined}
        />
      ) : null}
      {upload.state === 'failed' ? (
        <>
          <PullTrouble code={upload.code} message={upload.message} onRetry={() => again(upload)} />
          {upload.code === 'choose' ? <KindChoice onChoose={(kind) => again(upload, kind)} /> : null}
        </>
      ) : null}
    </Row>
  )
}

function again(upload: Upload, kind = ''): void {
  forgetUpload(upload.id)
  void uploadModel(upload.file, kind)
}

function KindChoice({ onChoose }: { onChoose: (kind: string) => void }) {
  const { data } = useModelFolders()
  return (
    <Select
      label={t('What kind of model it is')}
      placeholder={t('What kind of model it is')}
      value=""
      onChange={onChoose}
      className="!w-64"
      choices={kindChoices((data?.kinds ?? []).map((entry) => entry.kind))}
    />
  )
}

function StateIcon({ state }: { state: PullState }) {
  if (state === 'finished')
    return <CircleCheck size={20} strokeWidth={1.5} className="text-ok" aria-hidden="true" />
  if (state === 'failed')
    return <CircleX size={20} strokeWidth={1.5} className="text-err" aria-hidden="true" />
  if (state === 'paused') return <Pause size={20} strokeWidth={1.5} aria-hidden="true" />
  return <Download size={20} strokeWidth={1.5} aria-hidden="true" />
}

function StateBadge({ state }: { state: PullState }) {
  const tones = { finished: 'ok', failed: 'err', running: 'accent', planning: 'accent' } as const
  return <Badge tone={tones[state as keyof typeof tones] ?? 'plain'}>{stateText(state)}</Badge>
}

const stateText = (state: PullState): string =>
  ({
    waiting: t('Waiting'),
    planning: t('Asking the source'),
    running: t('Downloading'),
    paused: t('Paused'),
    finished: t('Done'),
    failed: t('Failed'),
    cancelled: t('Cancelled'),
  })[state]

function detailOf(pull: Pull, speed: number | undefined): string {
  if (pull.state === 'finished') {
    const size = pull.files.reduce((sum, file) => sum + file.size, 0)
    const kinds = [...new Set(pull.files.map((file) => kindTitle(file.kind)))].join(', ')
    return [shownBytes(size), kinds, t('digest taken'), shownAge(pull.created * 1000)].join(' · ')
  }
  if (pull.state !== 'running' && pull.state !== 'paused') return pull.reference
  const parts = [
    pull.total > 0
      ? t('{{done}} of {{total}}', { done: shownBytes(pull.done), total: shownBytes(pull.total) })
      : shownBytes(pull.done),
  ]
  if (pull.state === 'running' && speed !== undefined) {
    parts.push(t('{{speed}} per second', { speed: shownBytes(speed) }))
    if (speed > 0 && pull.total > 0)
      parts.push(t('{{time}} left', { time: shownDuration(((pull.total - pull.done) / speed) * 1000) }))
  }
  return parts.join(' · ')
}
