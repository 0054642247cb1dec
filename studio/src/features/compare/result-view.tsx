import { useEffect, useState } from 'react'
import { queries, useConnection } from '@/app/connection'
import { refreshQueue } from '@/app/jobs'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { holdJobs, releaseJobs } from '@/net/queue'
import { usePreference } from '@/ui/remembered'
import { toast } from '@/ui/toasts'
import { CellTable } from './cell-table'
import { CellViewer } from './cell-viewer'
import { type Comparison, changeComparison } from './comparisons'
import { type Coordinates, keyOf } from './plan'
import { ResultBar } from './result-bar'
import { ask, askForCells } from './run-comparison'
import { type Cell, useCells } from './use-cells'

const SMALLEST = 56
const LARGEST = 640
const FAILED = new Set<Cell['state']>(['failed', 'lost', 'interrupted', 'gone'])

/** A comparison as it fills: its table, what can be done with it, one cell in full size. */
export function ResultView({ comparison }: { comparison: Comparison }) {
  const { id } = comparison
  const standing = useCells(comparison)
  const { definitions } = useDefinitions()
  const connection = useConnection((state) => state.connection)
  const [size, setSize] = usePreference('compare.size', 160)
  const [page, setPage] = useState(0)
  const [open, setOpen] = useState<Coordinates | null>(null)
  const zoom = (factor: number) => setSize(Math.round(Math.min(LARGEST, Math.max(SMALLEST, size * factor))))
  // What was not asked for yet, because the page was left or the server was gone, is asked for now.
  const unfinished = standing.missing > 0 && !comparison.stopped
  useEffect(() => {
    if (unfinished && definitions && connection === 'open') void askForCells(id, definitions).catch(told)
  }, [unfinished, definitions, connection, id])
  const stop = async (stopped: boolean) => {
    changeComparison(id, (known) => ({ ...known, stopped }))
    await (stopped ? holdJobs({ group: id }) : releaseJobs({ group: id })).catch(told)
    refreshQueue(queries)
  }
  const retry = async (cells: Coordinates[]) => {
    if (!definitions) return
    for (const at of cells) await ask(id, at, definitions).catch(told)
    refreshQueue(queries)
  }
  const pages = comparison.axes[comparison.view[2]!]?.values.length ?? 1
  return (
    <div className="flex h-full min-h-0 flex-col">
      <ResultBar
        comparison={comparison}
        standing={standing}
        page={Math.min(page, pages - 1)}
        onPage={setPage}
        onZoom={zoom}
        onPause={() => void stop(true)}
        onResume={() => void stop(false)}
        onRetry={() =>
          void retry(
            [...standing.cells.values()].filter((cell) => FAILED.has(cell.state)).map((cell) => cell.at),
          )
        }
      />
      <CellTable
        axes={comparison.axes}
        view={comparison.view}
        page={Math.min(page, pages - 1)}
        cells={standing.cells}
        size={size}
        onZoom={zoom}
        onOpen={setOpen}
        onRetry={(at) => void retry([at])}
      />
      {open ? (
        <CellViewer
          key={keyOf(open) ? 'viewer' : ''}
          comparison={comparison}
          cells={standing.cells}
          at={open}
          onMove={setOpen}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </div>
  )
}

const told = (error: unknown): void => {
  toast({
    text: error instanceof Error ? error.message : t('It was not queued.'),
    tone: 'err',
  })
}
