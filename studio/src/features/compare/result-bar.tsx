import { ArrowLeftRight, Download, Minus, Pause, Play, Plus, RotateCcw } from 'lucide-react'
import { shownDuration, t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { Menu } from '@/ui/menu'
import { Progress } from '@/ui/progress'
import { Segmented } from '@/ui/segmented'
import { toast } from '@/ui/toasts'
import { type Comparison, changeComparison } from './comparisons'
import { asCsv, asJson, asPicture, fileName, save } from './export'
import type { Standing } from './use-cells'

const ICON = { size: 16, strokeWidth: 1.5, 'aria-hidden': true } as const

export interface ResultBarProps {
  comparison: Comparison
  standing: Standing
  page: number
  onPage: (page: number) => void
  onZoom: (factor: number) => void
  onPause: () => void
  onResume: () => void
  onRetry: () => void
}

/** Above a table: how far it is, pause, pages, axes, size, export. */
export function ResultBar(props: ResultBarProps) {
  const { comparison, standing, page, onPage, onZoom } = props
  const pages = comparison.axes[comparison.view[2]!]?.values ?? []
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b bg-surface px-4 py-2">
      <How {...props} />
      <span className="ms-auto flex flex-wrap items-center gap-1">
        {pages.length > 1 ? (
          <Segmented
            label={comparison.axes[comparison.view[2]!]!.label}
            value={String(page)}
            onChange={(next) => onPage(Number(next))}
            segments={pages.map((value, at) => ({ value: String(at), label: value.label }))}
            className="max-w-80 overflow-x-auto"
          />
        ) : null}
        <IconButton label={t('Smaller')} onClick={() => onZoom(1 / 1.25)}>
          <Minus {...ICON} />
        </IconButton>
        <IconButton label={t('Larger')} onClick={() => onZoom(1.25)}>
          <Plus {...ICON} />
        </IconButton>
        <SwapMenu comparison={comparison} />
        <Menu
          align="end"
          trigger={
            <Button icon={<Download {...ICON} />} disabled={standing.done === 0}>
              {t('Export')}
            </Button>
          }
          entries={[
            {
              label: t('Picture with labels (PNG)'),
              onSelect: () =>
                void asPicture(comparison, standing.cells, page)
                  .then((blob) => save(blob, fileName(comparison, 'png')))
                  .catch((error: Error) => toast({ text: error.message, tone: 'err' })),
            },
            {
              label: t('Data (JSON)'),
              onSelect: () => save(asJson(comparison, standing.cells), fileName(comparison, 'json')),
            },
            {
              label: t('Table (CSV)'),
              onSelect: () => save(asCsv(comparison, standing.cells), fileName(comparison, 'csv')),
            },
          ]}
        />
      </span>
    </div>
  )
}

/** How far it is, in words and as a bar, with what can be done about it. */
function How({ comparison, standing, onPause, onResume, onRetry }: ResultBarProps) {
  const { total, done, failed, waiting, held, running, missing, left } = standing
  const open = waiting + held + running + missing
  const paused = comparison.stopped || (held > 0 && waiting === 0)
  const words = [
    t('{{done}} of {{total}}', { done, total }),
    failed > 0 ? t('{{count}} failed', { count: failed }) : '',
    open > 0 && paused ? t('paused') : '',
    open > 0 && !paused && left > 0 ? t('{{time}} left', { time: shownDuration(left * 1000) }) : '',
  ].filter(Boolean)
  return (
    <>
      <span className="flex w-44 flex-col gap-1.5">
        <span className="truncate text-label text-muted tabular" role="status">
          {words.join(' · ')}
        </span>
        <Progress value={total > 0 ? (done + failed) / total : 0} label={t('Progress of the comparison')} />
      </span>
      {open > 0 ? (
        <Button
          icon={paused ? <Play {...ICON} /> : <Pause {...ICON} />}
          onClick={paused ? onResume : onPause}
        >
          {paused ? t('Resume') : t('Pause')}
        </Button>
      ) : null}
      {failed > 0 ? (
        <Button icon={<RotateCcw {...ICON} />} onClick={onRetry}>
          {t('Retry failed')}
        </Button>
      ) : null}
    </>
  )
}

const PAIRS: [number, number, () => string][] = [
  [0, 1, () => t('Swap across and down')],
  [0, 2, () => t('Swap across and pages')],
  [1, 2, () => t('Swap down and pages')],
  [0, 3, () => t('Swap across and inside')],
  [1, 3, () => t('Swap down and inside')],
  [2, 3, () => t('Swap pages and inside')],
]

function SwapMenu({ comparison }: { comparison: Comparison }) {
  const has = (slot: number) => comparison.axes[comparison.view[slot]!] !== null
  const swap = (one: number, other: number) =>
    changeComparison(comparison.id, (known) => {
      const view = [...known.view]
      view[one] = known.view[other]!
      view[other] = known.view[one]!
      return { ...known, view }
    })
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={<ArrowLeftRight {...ICON} />}>
          <span className="max-sm:sr-only">{t('Axes')}</span>
        </Button>
      }
      entries={PAIRS.filter(([one, other]) => has(one) || has(other)).map(([one, other, label]) => ({
        label: label(),
        onSelect: () => swap(one, other),
      }))}
    />
  )
}
