import { useVirtualizer } from '@tanstack/react-virtual'
import { TriangleAlert } from 'lucide-react'
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { shownBytes, t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { classes } from '@/ui/classes'
import { kindTitle } from './kinds'
import { keyOf, type ModelEntry } from './model-data'
import { titleOf } from './model-names'
import { ModelPicture } from './model-picture'

export interface ModelListProps {
  models: ModelEntry[]
  chosen: string
  onChoose: (model: ModelEntry) => void
  /** After the last one. */
  foot?: ReactNode
}

const WIDTH = 200
const NARROW = 150
const HEIGHT = 234
const GAP = 12

/** Cards, as many in a row as fit; only those in view are there. */
export function ModelGrid({ models, chosen, onChoose, foot }: ModelListProps) {
  const box = useRef<HTMLDivElement>(null)
  const columns = useColumns(box)
  const rows = Math.ceil(models.length / columns)
  const list = useVirtualizer({
    count: rows,
    getScrollElement: () => box.current,
    estimateSize: () => HEIGHT + GAP,
    overscan: 3,
  })
  return (
    <div ref={box} className="min-h-0 flex-1 overflow-auto px-6 pb-6 max-sm:px-4">
      <ul className="relative" style={{ height: list.getTotalSize() }} aria-label={t('Models')}>
        {list.getVirtualItems().flatMap((row) =>
          models.slice(row.index * columns, (row.index + 1) * columns).map((model, at) => (
            <li
              key={keyOf(model)}
              className="absolute top-0"
              style={{
                insetInlineStart: `calc((100% + ${GAP}px) / ${columns} * ${at})`,
                width: `calc((100% + ${GAP}px) / ${columns} - ${GAP}px)`,
                height: HEIGHT,
                transform: `translateY(${row.start}px)`,
              }}
            >
              <Card model={model} chosen={keyOf(model) === chosen} onChoose={() => onChoose(model)} />
            </li>
          )),
        )}
      </ul>
      {foot}
    </div>
  )
}

function Card({ model, chosen, onChoose }: { model: ModelEntry; chosen: boolean; onChoose: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onChoose}
      className={classes(
        'flex size-full flex-col overflow-hidden rounded-card border bg-raised text-start transition-colors duration-120',
        chosen ? '!border-accent ring-1 ring-accent' : 'hover:border-line-strong',
      )}
    >
      <ModelPicture model={model} large className="!rounded-none h-34 w-full shrink-0" />
      <span className="flex min-h-0 w-full flex-1 flex-col gap-1 p-3">
        <span className="line-clamp-2 text-body font-medium break-words">{titleOf(model)}</span>
        <span className="mt-auto flex min-w-0 items-center gap-2">
          {model.problem ? (
            <Badge tone="err" icon={<TriangleAlert size={12} aria-hidden="true" />}>
              {t('Not whole')}
            </Badge>
          ) : (
            <Badge>{model.builtin ? t('Built in') : kindTitle(model.kind)}</Badge>
          )}
          <span className="ms-auto shrink-0 text-label text-faint tabular">{shownBytes(model.size)}</span>
        </span>
      </span>
    </button>
  )
}

function useColumns(box: React.RefObject<HTMLDivElement | null>): number {
  const [columns, setColumns] = useState(4)
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measure = () => {
      const style = getComputedStyle(element)
      const width = element.clientWidth - (Number.parseFloat(style.paddingLeft) || 0) * 2
      const least = width < 500 ? NARROW : WIDTH
      setColumns(Math.max(1, Math.floor((width + GAP) / (least + GAP))))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return columns
}
