import { ChevronDown, Play, Square } from 'lucide-react'
import { useState } from 'react'
import { shownDuration, t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { Menu } from '@/ui/menu'
import { Tooltip } from '@/ui/tooltip'
import { isLive, progressOf, secondsLeft, useJobs } from './jobs'
import { cancelJobs } from './run'
import { runNow } from './run-now'
import { useRunOptions } from './run-options'
import { useRunDocument, useRunTarget } from './run-target'
import { useExpected } from './use-expected'

/** Runs what is open; while that runs it shows how far it is, with Cancel beside it. Always at the same place. */
export function RunButton() {
  const target = useRunTarget((state) => state.target)
  const shown = useRunDocument()
  const { count, onChange } = useRunOptions()
  const live = useJobs((state) =>
    shown
      ? state.order.filter((id) => state.jobs[id]!.document === shown && isLive(state.jobs[id]!)).join(' ')
      : '',
  )
  const progress = useJobs((state) => {
    const running = state.order
      .map((id) => state.jobs[id]!)
      .find((job) => shown !== '' && job.document === shown && job.state === 'running')
    return running ? progressOf(running) : 0
  })
  const left = useJobs((state) => {
    const running = state.order
      .map((id) => state.jobs[id]!)
      .find((job) => shown !== '' && job.document === shown && job.state === 'running')
    const seconds = running ? secondsLeft(running) : undefined
    return seconds === undefined ? 0 : Math.ceil(seconds)
  })
  const [asked, setAsked] = useState(false)
  const expected = useExpected(shown, asked && live === '')
  const [busy, setBusy] = useState(false)
  const label = target?.label ?? t('Run')
  const reason = target?.reason ?? (target || shown ? '' : t('Nothing is open.'))
  const ids = live ? live.split(' ') : []
  const start = async (front = false) => {
    setBusy(true)
    try {
      await runNow({ front })
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="flex items-center gap-1">
      {ids.length > 0 ? (
        <Tooltip label={t('Cancel')} keys="Mod+Alt+Enter">
          <button
            type="button"
            aria-label={t('Cancel')}
            onClick={() => void cancelJobs(ids)}
            className="flex size-control items-center justify-center rounded-control border text-err hover:bg-hover"
          >
            <Square size={14} fill="currentColor" aria-hidden="true" />
          </button>
        </Tooltip>
      ) : null}
      <div className="flex">
        <Tooltip
          label={
            reason ||
            (expected ? t('{{label}}, about {{time}}', { label, time: shownDuration(expected) }) : label)
          }
          keys={reason ? undefined : 'Mod+Enter'}
        >
          <button
            type="button"
            onPointerEnter={() => setAsked(true)}
            onPointerLeave={() => setAsked(false)}
            aria-disabled={Boolean(reason) || busy}
            onClick={() => !reason && !busy && void start()}
            className={classes(
              'relative flex h-control items-center gap-2 overflow-hidden rounded-s-control bg-accent-fill ps-3 pe-3 text-body font-medium text-white hover:brightness-110',
              (Boolean(reason) || busy) && 'opacity-50',
            )}
          >
            {progress > 0 ? (
              <span
                aria-hidden="true"
                className="absolute inset-y-0 start-0 bg-white/20 transition-[width] duration-180"
                style={{ width: `${progress * 100}%` }}
              />
            ) : null}
            <Play size={14} fill="currentColor" aria-hidden="true" className="relative max-sm:hidden" />
            <span className="relative max-w-40 truncate">{label}</span>
            {count > 1 ? <span className="relative tabular">×{count}</span> : null}
            {left > 0 ? (
              <span className="relative tabular opacity-85 max-sm:hidden">{shownDuration(left * 1000)}</span>
            ) : null}
            {onChange ? (
              <span className="relative size-1.5 rounded-full bg-white" title={t('Runs on every change')} />
            ) : null}
          </button>
        </Tooltip>
        <Menu
          align="end"
          trigger={
            <button
              type="button"
              aria-label={t('More ways to run')}
              className="flex h-control w-7 shrink-0 items-center justify-center rounded-e-control border-s border-white/25 bg-accent-fill text-white hover:brightness-110 pointer-coarse:w-11"
            >
              <ChevronDown size={14} aria-hidden="true" />
            </button>
          }
          entries={[
            { label: t('Run once'), keys: 'Mod+Enter', onSelect: () => void start() },
            { label: t('Run first in the queue'), keys: 'Mod+Shift+Enter', onSelect: () => void start(true) },
            {
              label: t('Run on every change'),
              checked: onChange,
              onSelect: () => useRunOptions.setState({ onChange: !onChange }),
            },
            'line',
            { heading: t('How many at a time') },
            ...[1, 2, 4, 8, 16].map((number) => ({
              label: `×${number}`,
              checked: number === count,
              onSelect: () => useRunOptions.setState({ count: number }),
            })),
            'line',
            {
              label: t('Cancel what runs'),
              keys: 'Mod+Alt+Enter',
              danger: true,
              disabled: ids.length === 0,
              onSelect: () => void cancelJobs(ids),
            },
          ]}
        />
      </div>
    </div>
  )
}
