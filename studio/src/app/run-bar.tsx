import { Play, Square } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { isLive, jobsOfDocument, progressOf, useJobs } from './jobs'
import { cancelJobs } from './run'
import { runNow } from './run-now'
import { useRunOptions } from './run-options'
import { useOwnRunButton, useRunTarget } from './run-target'

export interface RunBarProps {
  document: string
  /** What stands before the button. */
  children?: ReactNode
  onRun?: () => void
}

/** Run on a phone, where the thumb is; while a job runs, how far it is and the way to stop it. It stands for the one in the top bar. */
export function RunBar({ document, children, onRun }: RunBarProps) {
  useOwnRunButton()
  const target = useRunTarget((state) => state.target)
  const count = useRunOptions((state) => state.count)
  const live = useJobs((state) =>
    jobsOfDocument(state, document)
      .filter(isLive)
      .map((job) => job.id)
      .join(' '),
  )
  const progress = useJobs((state) => {
    const running = jobsOfDocument(state, document).find((job) => job.state === 'running')
    return running ? progressOf(running) : 0
  })
  const label = target?.label ?? t('Run')
  return (
    <div className="sticky bottom-0 z-20 mt-auto flex gap-2 border-t bg-surface p-3">
      {children}
      <Button
        look="primary"
        className="relative min-w-0 flex-1 overflow-hidden"
        icon={<Play size={14} fill="currentColor" aria-hidden="true" className="relative" />}
        disabled={Boolean(target?.reason)}
        onClick={() => {
          void runNow()
          onRun?.()
        }}
      >
        {progress > 0 ? (
          <span
            aria-hidden="true"
            className="absolute inset-y-0 start-0 bg-white/20 transition-[width] duration-180"
            style={{ width: `${progress * 100}%` }}
          />
        ) : null}
        <span className="relative truncate">
          {target?.reason || (count > 1 ? `${label} ×${count}` : label)}
        </span>
      </Button>
      {live ? (
        <IconButton
          label={t('Cancel')}
          look="plain"
          className="!text-err"
          onClick={() => void cancelJobs(live.split(' '))}
        >
          <Square size={14} fill="currentColor" />
        </IconButton>
      ) : null}
    </div>
  )
}
