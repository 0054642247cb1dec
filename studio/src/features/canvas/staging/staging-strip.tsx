import { Check, ChevronLeft, ChevronRight, Layers2, Star, Trash2, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { isLive, progressOf, useJobs } from '@/app/jobs'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Progress } from '@/ui/progress'
import type { CanvasSession } from '../state/session'
import { type StagedResult, stagingOf } from './staging'
import { starResult } from './star'

/** Results that wait for a decision, below the picture: look through, accept, discard. */
export function StagingStrip({ session }: { session: CanvasSession }) {
  const staging = stagingOf(session)
  const { box, results, index, before, jobs } = useStore(staging.state)
  if (!box) return null
  const starred = results[index]?.starred ?? false
  return (
    <section
      aria-label={t('Results')}
      className="@container flex shrink-0 flex-wrap items-center gap-2 border-t bg-surface px-3 py-2 animate-[rise_180ms_var(--ease-out)]"
    >
      <IconButton
        label={t('Previous result')}
        keys="ArrowLeft"
        disabled={results.length < 2}
        onClick={() => staging.step(-1)}
      >
        <ChevronLeft size={16} aria-hidden="true" />
      </IconButton>
      <ul aria-label={t('Results')} className="flex min-w-0 items-center gap-1.5 overflow-x-auto p-0.5">
        {results.map((result, at) => (
          <Thumbnail
            key={`${result.job}/${result.file.filename}`}
            result={result}
            label={t('Result {{number}}', { number: at + 1 })}
            chosen={at === index}
            onClick={() => staging.choose(at)}
            onAccept={() => (at === index ? staging.accept() : staging.choose(at))}
          />
        ))}
        <Running jobs={jobs} />
      </ul>
      <IconButton
        label={t('Next result')}
        keys="ArrowRight"
        disabled={results.length < 2}
        onClick={() => staging.step(1)}
      >
        <ChevronRight size={16} aria-hidden="true" />
      </IconButton>
      <span className="text-label tabular text-muted">
        {results.length > 0 ? `${index + 1} / ${results.length}` : t('Drawing…')}
      </span>
      <div className="ms-auto flex flex-wrap items-center gap-1">
        <Button
          small
          look="quiet"
          aria-pressed={before}
          disabled={results.length === 0}
          onClick={() => staging.showBefore(!before)}
        >
          {before ? t('After') : t('Before')}
        </Button>
        <IconButton
          label={t('Star it in the gallery')}
          keys="S"
          pressed={starred}
          disabled={results.length === 0}
          onClick={() => starResult(staging)}
        >
          <Star size={16} aria-hidden="true" fill={starred ? 'currentColor' : 'none'} />
        </IconButton>
        <IconButton
          label={t('Discard this result')}
          keys="Delete"
          disabled={results.length === 0}
          onClick={() => staging.discard()}
        >
          <Trash2 size={16} aria-hidden="true" />
        </IconButton>
        <IconButton label={t('Discard all')} keys="Escape" onClick={() => staging.discardAll()}>
          <X size={16} aria-hidden="true" />
        </IconButton>
        <Button
          icon={<Layers2 size={14} aria-hidden="true" />}
          disabled={results.length === 0}
          onClick={() => staging.acceptIntoLayer()}
          className="@max-[560px]:hidden"
        >
          {t('Into the layer')}
        </Button>
        <Button
          look="primary"
          icon={<Check size={14} aria-hidden="true" />}
          disabled={results.length === 0}
          onClick={() => staging.accept()}
        >
          {t('Accept')}
        </Button>
      </div>
    </section>
  )
}

interface ThumbnailProps {
  result: StagedResult
  label: string
  chosen: boolean
  onClick: () => void
  /** Enter: the chosen one is accepted. */
  onAccept: () => void
}

function Thumbnail({ result, label, chosen, onClick, onAccept }: ThumbnailProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    const { width, height } = result.picture
    const scale = 88 / Math.max(width, height)
    context?.drawImage(
      result.picture,
      (88 - width * scale) / 2,
      (88 - height * scale) / 2,
      width * scale,
      height * scale,
    )
  }, [result])
  return (
    <li className="shrink-0">
      <button
        type="button"
        aria-label={label}
        aria-current={chosen || undefined}
        onClick={onClick}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey) return
          event.preventDefault()
          onAccept()
        }}
        className={classes(
          'checker block size-11 overflow-hidden rounded-small border',
          chosen ? 'outline-2 outline-accent' : 'hover:outline-1 hover:outline-line-strong',
        )}
      >
        <canvas ref={canvas} width={88} height={88} className="size-full" />
      </button>
    </li>
  )
}

/** How far the run is, and how many wait behind it. */
function Running({ jobs }: { jobs: readonly string[] }) {
  const live = useJobs((state) => jobs.filter((id) => state.jobs[id] && isLive(state.jobs[id]!)).length)
  const progress = useJobs((state) => {
    const running = jobs.map((id) => state.jobs[id]).find((job) => job?.state === 'running')
    return running ? Math.round(progressOf(running) * 100) : 0
  })
  if (live === 0) return null
  return (
    <li className="flex size-11 shrink-0 flex-col items-center justify-center gap-1 rounded-small border border-dashed px-1">
      <span className="text-caption tabular text-muted">{live > 1 ? `+${live}` : `${progress} %`}</span>
      <Progress value={progress / 100} label={t('Drawing')} className="w-full" />
    </li>
  )
}
