import { CircleSlash, Clock, Hand, RotateCcw, Star, TriangleAlert } from 'lucide-react'
import { progressOf, useJob } from '@/app/jobs'
import { shownNumber, t } from '@/i18n/text'
import { fileUrl, thumbUrl } from '@/net/files'
import { classes } from '@/ui/classes'
import type { Cell } from './use-cells'

export interface CellViewProps {
  cell: Cell | undefined
  caption: string
  size: number
  onOpen: () => void
  onRetry: () => void
}

const ICON = { size: 18, strokeWidth: 1.5, 'aria-hidden': true } as const
const BOX = 'relative flex items-center justify-center overflow-hidden rounded-control border bg-bg'
const FAILED: ReadonlySet<Cell['state']> = new Set(['failed', 'lost', 'interrupted', 'gone'])
const PICTURE = /\.(png|jpe?g|webp|gif|avif)$/i

export const pictureOf = (cell: Cell | undefined) => cell?.files.find((file) => PICTURE.test(file.filename))

/** One result in a table: its picture, its way there, or why there is none. */
export function CellView({ cell, caption, size, onOpen, onRetry }: CellViewProps) {
  const file = pictureOf(cell)
  const style = { width: size, height: size }
  if (cell && file)
    return (
      <button type="button" onClick={onOpen} className={classes(BOX, 'hover:border-accent')} style={style}>
        <img
          src={size > 300 ? fileUrl(file) : thumbUrl(file, size > 200 ? 512 : 256)}
          alt={caption}
          loading="lazy"
          decoding="async"
          draggable={false}
          className="size-full object-contain"
        />
        {cell.starred ? (
          <Star
            size={16}
            fill="currentColor"
            aria-label={t('Winner')}
            className="absolute end-1 top-1 rounded-full bg-black/55 p-0.5 text-warn"
          />
        ) : null}
      </button>
    )
  if (cell && FAILED.has(cell.state))
    return <FailedCell cell={cell} caption={caption} size={size} onRetry={onRetry} />
  return (
    <div className={classes(BOX, 'text-faint', !cell && 'border-dashed')} style={style}>
      {cell ? <Underway cell={cell} /> : null}
    </div>
  )
}

/** What a cell shows before it has a picture. */
function Underway({ cell }: { cell: Cell }) {
  if (cell.state === 'running') return <Live job={cell.job} />
  if (cell.state === 'waiting') return <Clock {...ICON} aria-hidden={false} aria-label={t('Waiting')} />
  if (cell.state === 'held') return <Hand {...ICON} aria-hidden={false} aria-label={t('On hold')} />
  return cell.state === 'succeeded' ? <span className="text-caption">{t('No picture')}</span> : null
}

function FailedCell({
  cell,
  caption,
  size,
  onRetry,
}: {
  cell: Cell
  caption: string
  size: number
  onRetry: () => void
}) {
  const broke = cell.state === 'failed' || cell.state === 'lost'
  return (
    <div
      className={classes(BOX, 'flex-col gap-1 border-err/60 bg-err/8 p-2 text-err')}
      style={{ width: size, height: size }}
    >
      {broke ? <TriangleAlert {...ICON} /> : <CircleSlash {...ICON} />}
      {size >= 120 ? (
        <span className="line-clamp-3 text-center text-caption break-words" title={cell.problem}>
          {cell.problem || (cell.state === 'gone' ? t('Removed from the queue') : t('Cancelled'))}
        </span>
      ) : null}
      <button
        type="button"
        aria-label={t('Retry: {{caption}}', { caption })}
        onClick={onRetry}
        className="flex min-h-7 items-center gap-1 rounded-control border border-err/50 px-2 text-label text-text hover:bg-hover pointer-coarse:min-h-9"
      >
        <RotateCcw size={12} aria-hidden="true" />
        {t('Retry')}
      </button>
    </div>
  )
}

function Live({ job }: { job: string }) {
  const live = useJob(job)
  const preview = live?.previews.at(-1)
  const progress = live ? progressOf(live) : 0
  return (
    <>
      {preview ? <img src={preview} alt="" className="size-full object-contain" /> : null}
      <span className="absolute inset-x-2 bottom-2 flex flex-col items-end gap-1">
        <span className="rounded-small bg-black/55 px-1 text-caption text-white tabular">
          {progress > 0 ? shownNumber(progress, { style: 'percent' }) : t('Running')}
        </span>
        <span className="h-1 w-full overflow-hidden rounded-full bg-line">
          <span
            className="block h-full rounded-full bg-accent-fill transition-[width] duration-180"
            style={{ width: `${progress * 100}%` }}
          />
        </span>
      </span>
    </>
  )
}
