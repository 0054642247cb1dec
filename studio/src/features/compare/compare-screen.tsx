import { ArrowLeft, SlidersHorizontal } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { openDocument, useDocuments } from '@/app/documents'
import { useIntents } from '@/app/intents'
import { goTo } from '@/app/navigation'
import { newId } from '@/app/run'
import { useRuns } from '@/app/run-target'
import type { ScreenProps } from '@/app/screens'
import { shownNumber, t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { Panel } from '@/ui/panel'
import { ScreenHeader } from '@/ui/screen-frame'
import { Sheet } from '@/ui/sheet'
import { toast } from '@/ui/toasts'
import { NARROW, useMedia } from '@/ui/use-media'
import { CellTable } from './cell-table'
import { type Comparison, keepComparison, loadComparisons, useComparisons } from './comparisons'
import { Earlier } from './earlier'
import { MOST_CELLS, SLOTS } from './plan'
import { ResultView } from './result-view'
import { askForCells } from './run-comparison'
import { SetupPanel } from './setup-panel'
import { type Setup, useSetup } from './use-setup'

const VIEW = Array.from({ length: SLOTS }, (_, slot) => slot)

/** Tables of pictures that differ in one, two or more settings. */
export default function CompareScreen({ rest }: ScreenProps) {
  const setup = useSetup()
  const { definitions } = useDefinitions()
  const comparison = useComparisons((state) => state.known[rest])
  const loaded = useComparisons((state) => state.loaded)
  const narrow = useMedia(NARROW)
  const [sheet, setSheet] = useState(false)
  useEffect(() => void loadComparisons(), [])
  useIntents('compare', ({ data }) => {
    if (data.workflow) setup.choose(openDocument({ workflow: data.workflow, title: data.title, dirty: true }))
    else if (typeof data.document === 'string') setup.choose(data.document)
    goTo('compare', '', { replace: true })
  })
  const start = () => {
    const made = newComparison(setup)
    if (!made || !definitions) return
    keepComparison(made)
    goTo('compare', made.id)
    setSheet(false)
    void askForCells(made.id, definitions).catch((error: Error) =>
      toast({ text: error.message, tone: 'err' }),
    )
  }
  const reason = comparison ? t('Change the setup to compare anew.') : reasonText(setup)
  useRuns(
    // biome-ignore lint/correctness/useExhaustiveDependencies: `start` follows the setup.
    useMemo(
      () => ({
        label: reason === '' ? t('Compare {{count}}', { count: shownNumber(setup.count) }) : t('Compare'),
        reason,
        run: start,
      }),
      [setup, reason, definitions],
    ),
  )
  const panel = <SetupPanel setup={setup} />
  return (
    <div className="flex h-full flex-col">
      <ScreenHeader
        title={t('Compare')}
        actions={
          comparison ? (
            <Button
              icon={<ArrowLeft size={16} strokeWidth={1.5} aria-hidden="true" className="rtl:-scale-x-100" />}
              onClick={() => goTo('compare')}
            >
              {t('New comparison')}
            </Button>
          ) : narrow ? (
            <Button
              icon={<SlidersHorizontal size={16} strokeWidth={1.5} aria-hidden="true" />}
              onClick={() => setSheet(true)}
            >
              {t('Set up')}
            </Button>
          ) : null
        }
      >
        {comparison ? <span className="truncate text-body text-muted">{comparison.title}</span> : null}
      </ScreenHeader>
      <div className="flex min-h-0 flex-1">
        {comparison || narrow ? null : (
          <Panel name="compare.setup" side="left" size={360} min={300} max={520} label={t('Setup')}>
            {panel}
          </Panel>
        )}
        <div className="flex min-w-0 flex-1 flex-col">
          {comparison ? (
            <ResultView key={comparison.id} comparison={comparison} />
          ) : rest && loaded ? (
            <EmptyState
              title={t('This comparison is not here')}
              actions={<Button onClick={() => goTo('compare')}>{t('New comparison')}</Button>}
            >
              {t('Comparisons are kept in the browser that they were made in.')}
            </EmptyState>
          ) : (
            <Preview setup={setup} />
          )}
        </div>
      </div>
      {narrow && !comparison ? (
        <Sheet open={sheet} onClose={() => setSheet(false)} title={t('Set up')} side="bottom">
          {panel}
          <div className="sticky bottom-0 border-t bg-surface p-4">
            <Button look="primary" className="w-full" disabled={reason !== ''} onClick={start}>
              {setup.reason === ''
                ? t('Compare {{count}}', { count: shownNumber(setup.count) })
                : t('Compare')}
            </Button>
          </div>
        </Sheet>
      ) : null}
    </div>
  )
}

/** The table as it would be, with its labels; before there are axes what this screen is for. */
function Preview({ setup }: { setup: Setup }) {
  if (setup.axes.every((axis) => axis === null) || setup.count > MOST_CELLS)
    return (
      <div className="min-h-0 flex-1 overflow-auto">
        <EmptyState icon={<ExampleGrid />} title={t('See what a setting does')}>
          {t(
            'Choose what changes across and down, and write the values. Every combination becomes a picture, in one table.',
          )}
        </EmptyState>
        <Earlier />
      </div>
    )
  return (
    <CellTable
      axes={setup.axes}
      view={VIEW}
      page={0}
      cells={new Map()}
      size={120}
      onZoom={() => undefined}
      onOpen={() => undefined}
      onRetry={() => undefined}
    />
  )
}

/** A small table, as an example of what comes of it. */
const ExampleGrid = () => (
  <span aria-hidden="true" className="grid grid-cols-[auto_repeat(3,48px)] items-center gap-1.5 text-caption">
    <span />
    {['10', '20', '30'].map((label) => (
      <span key={label} className="text-center">
        {label}
      </span>
    ))}
    {['3.0', '7.0'].map((row, down) => (
      <span key={row} className="contents">
        <span className="pe-1">{row}</span>
        {[0, 1, 2].map((column) => (
          <span
            key={column}
            className="size-12 rounded-control border bg-raised"
            style={{ opacity: 0.45 + 0.18 * (column + down) }}
          />
        ))}
      </span>
    ))}
  </span>
)

function newComparison(setup: Setup): Comparison | undefined {
  const document = useDocuments.getState().open[setup.document]
  if (!document || setup.reason !== '') return undefined
  const names = setup.axes.flatMap((axis) => (axis ? [axis.label] : []))
  return {
    id: newId(),
    title: `${document.title}: ${names.join(' × ')}`,
    created: Date.now(),
    document: setup.document,
    base: document.workflow,
    axes: setup.axes,
    view: VIEW,
    cells: {},
    stopped: false,
  }
}

const reasonText = (setup: Setup): string =>
  ({
    none: t('Open something to compare.'),
    axes: t('Choose what changes.'),
    values: t('Some values cannot be read.'),
    many: t('More than {{count}} pictures.', { count: MOST_CELLS }),
    '': '',
  })[setup.reason]
