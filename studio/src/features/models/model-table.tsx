import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import { shownAge, shownBytes, t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import { kindTitle } from './kinds'
import { keyOf } from './model-data'
import type { ModelListProps } from './model-grid'
import { titleOf } from './model-names'
import { ModelPicture } from './model-picture'

const ROW = 48
const COLUMNS =
  'grid grid-cols-[minmax(200px,3fr)_minmax(110px,1fr)_minmax(90px,1fr)_80px_80px_90px_110px] max-lg:grid-cols-[minmax(180px,3fr)_minmax(110px,1fr)_80px_90px] max-sm:grid-cols-[minmax(0,1fr)_80px] items-center gap-3'

/** One line a file, with all that a list can say of it. */
export function ModelTable({ models, chosen, onChoose, foot }: ModelListProps) {
  const box = useRef<HTMLDivElement>(null)
  const list = useVirtualizer({
    count: models.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 10,
  })
  return (
    <div ref={box} className="min-h-0 flex-1 overflow-auto px-6 pb-6 max-sm:px-4">
      <div
        aria-hidden="true"
        className={classes(
          COLUMNS,
          'sticky top-0 z-10 h-8 border-b bg-bg px-2 text-label font-medium text-muted',
        )}
      >
        <span>{t('Name')}</span>
        <span className="max-sm:hidden">{t('Kind')}</span>
        <span className="max-lg:hidden">{t('Family')}</span>
        <span className="max-lg:hidden">{t('Precision')}</span>
        <span className="text-end">{t('Size')}</span>
        <span className="text-end max-lg:hidden">{t('Workflows')}</span>
        <span className="text-end max-sm:hidden">{t('Last used')}</span>
      </div>
      <ul className="relative" style={{ height: list.getTotalSize() }} aria-label={t('Models')}>
        {list.getVirtualItems().map((row) => {
          const model = models[row.index]!
          return (
            <li
              key={keyOf(model)}
              className="absolute inset-x-0 top-0"
              style={{ height: ROW, transform: `translateY(${row.start}px)` }}
            >
              <button
                type="button"
                aria-pressed={keyOf(model) === chosen}
                onClick={() => onChoose(model)}
                className={classes(
                  COLUMNS,
                  'h-full w-full border-b px-2 text-start text-body outline-offset-[-2px] hover:bg-hover',
                  keyOf(model) === chosen && '!bg-accent-soft',
                )}
              >
                <span className="flex min-w-0 items-center gap-3">
                  <ModelPicture model={model} className="size-8 shrink-0" />
                  <span className="min-w-0">
                    <span className="block truncate">{titleOf(model)}</span>
                    {model.problem ? (
                      <span className="block truncate text-caption text-err">{t('Not whole')}</span>
                    ) : null}
                  </span>
                </span>
                <span className="truncate text-muted max-sm:hidden">{kindTitle(model.kind)}</span>
                <span className="truncate text-muted max-lg:hidden">{model.family_title || '–'}</span>
                <span className="truncate text-muted max-lg:hidden">{model.precision || '–'}</span>
                <span className="text-end text-muted tabular">{shownBytes(model.size)}</span>
                <span className="text-end text-muted tabular max-lg:hidden">{model.workflows || '–'}</span>
                <span className="truncate text-end text-muted max-sm:hidden">
                  {model.last_used ? shownAge(model.last_used * 1000) : '–'}
                </span>
              </button>
            </li>
          )
        })}
      </ul>
      {foot}
    </div>
  )
}
