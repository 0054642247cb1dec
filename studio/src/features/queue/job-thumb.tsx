import { CircleSlash, Clock, Hand, ImageOff, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useJobs } from '@/app/jobs'
import { usePreferences } from '@/app/preferences'
import { thumbUrl } from '@/net/files'
import type { JobRow } from '@/net/queue'
import { classes } from '@/ui/classes'

const ICONS = {
  waiting: Clock,
  held: Hand,
  failed: TriangleAlert,
  lost: TriangleAlert,
  interrupted: CircleSlash,
  succeeded: ImageOff,
  running: Clock,
}

const PICTURE = /\.(png|jpe?g|webp|gif|avif)$/i

/** What a job looks like: its preview while it runs, its first picture afterwards, else a sign of its state. */
export function JobThumb({ row, className }: { row: JobRow; className?: string }) {
  const preview = useJobs((state) => state.jobs[row.id]?.previews.at(-1))
  const wanted = usePreferences((state) => state.previews !== 'off')
  const file = row.outputs.find((output) => PICTURE.test(output.filename))
  const [broken, setBroken] = useState('')
  const source = file ? thumbUrl(file) : row.state === 'running' && wanted ? preview : undefined
  const Icon = ICONS[row.state]
  return (
    <span
      className={classes(
        'flex size-11 shrink-0 items-center justify-center overflow-hidden rounded-control border bg-bg text-faint',
        (row.state === 'failed' || row.state === 'lost') && 'border-err/40 text-err',
        className,
      )}
    >
      {source && source !== broken ? (
        <img
          src={source}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setBroken(source)}
          className="size-full object-cover"
        />
      ) : row.state === 'running' ? (
        <span
          className="size-5 rounded-full border-2 border-line border-t-accent animate-spin"
          aria-hidden="true"
        />
      ) : (
        <Icon size={18} strokeWidth={1.5} aria-hidden="true" />
      )}
    </span>
  )
}
