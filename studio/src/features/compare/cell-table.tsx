import { type PointerEvent, useEffect, useRef } from 'react'
import { t } from '@/i18n/text'
import { CellView } from './cell-view'
import { type Axis, type Coordinates, captionOf, keyOf } from './plan'
import type { Cell } from './use-cells'

export interface CellTableProps {
  axes: readonly (Axis | null)[]
  /** Which axis is shown across, down, page by page, inside cells. */
  view: readonly number[]
  page: number
  cells: ReadonlyMap<string, Cell>
  size: number
  onZoom: (factor: number) => void
  onOpen: (at: Coordinates) => void
  onRetry: (at: Coordinates) => void
}

const valuesOf = (axis: Axis | null | undefined): string[] => axis?.values.map((value) => value.label) ?? ['']

/** Where a place of the table lies on the axes. */
export const coordinatesAt = (view: readonly number[], places: readonly number[]): Coordinates => {
  const at: Coordinates = view.map(() => 0)
  view.forEach((axis, slot) => {
    at[axis] = places[slot] ?? 0
  })
  return at
}

/** The table itself: labels stay in view, the rest scrolls, is dragged, and grows with Ctrl and the wheel. */
export function CellTable({ axes, view, page, cells, size, onZoom, onOpen, onRetry }: CellTableProps) {
  const box = useRef<HTMLDivElement>(null)
  useWheelZoom(box, onZoom)
  const pan = usePan(box)
  const [across, down, , inside] = view.map((axis) => axes[axis] ?? null)
  const inner = valuesOf(inside)
  const columns = Math.ceil(Math.sqrt(inner.length))
  const small = inner.length > 1 ? Math.max(64, Math.floor(size / columns)) : size
  return (
    <div
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
      tabIndex={0}
      {...pan}
      className="min-h-0 flex-1 cursor-grab overflow-auto outline-offset-[-2px] active:cursor-grabbing"
    >
      <table className="border-separate border-spacing-2 p-2">
        <caption className="sr-only">{t('Results')}</caption>
        {across || down ? (
          <thead>
            <tr>
              <th
                scope="col"
                className="sticky start-0 top-0 z-20 bg-bg p-1 text-start align-bottom text-caption font-normal text-faint"
              >
                {[down?.label, across?.label].filter(Boolean).join(' \\ ')}
              </th>
              {valuesOf(across).map((label) => (
                <th
                  key={label}
                  scope="col"
                  title={label}
                  className="sticky top-0 z-10 bg-bg p-1 align-bottom text-label font-medium"
                >
                  <span className="line-clamp-2 break-words" style={{ maxWidth: columns * small }}>
                    {label}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
        ) : null}
        <tbody>
          {valuesOf(down).map((rowLabel, row) => (
            <tr key={rowLabel}>
              <th
                scope="row"
                title={rowLabel}
                className="sticky start-0 z-10 max-w-40 bg-bg p-1 text-end text-label font-medium max-sm:max-w-20"
              >
                <span className="line-clamp-3 break-words">{rowLabel}</span>
              </th>
              {valuesOf(across).map((columnLabel, column) => (
                <td key={columnLabel} className="p-0 align-top">
                  <div className="flex flex-wrap gap-1" style={{ width: columns * (small + 4) - 4 }}>
                    {inner.map((label, place) => {
                      const at = coordinatesAt(view, [column, row, page, place])
                      return (
                        <CellView
                          key={label}
                          cell={cells.get(keyOf(at))}
                          caption={captionOf(axes, at)}
                          size={small}
                          onOpen={() => onOpen(at)}
                          onRetry={() => onRetry(at)}
                        />
                      )
                    })}
                  </div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function useWheelZoom(box: React.RefObject<HTMLElement | null>, zoom: (factor: number) => void): void {
  const latest = useRef(zoom)
  latest.current = zoom
  useEffect(() => {
    const element = box.current
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      latest.current(event.deltaY < 0 ? 1.15 : 1 / 1.15)
    }
    element?.addEventListener('wheel', wheel, { passive: false })
    return () => element?.removeEventListener('wheel', wheel)
  }, [box])
}

/** Dragging with the mouse scrolls; a click stays a click. */
function usePan(box: React.RefObject<HTMLElement | null>) {
  const from = useRef<{ x: number; y: number; left: number; top: number } | null>(null)
  return {
    onPointerDown: (event: PointerEvent) => {
      const element = box.current
      const button = (event.target as HTMLElement).closest('button')
      if (!element || event.pointerType !== 'mouse' || (event.button !== 1 && button)) return
      from.current = { x: event.clientX, y: event.clientY, left: element.scrollLeft, top: element.scrollTop }
    },
    onPointerMove: (event: PointerEvent) => {
      if (!from.current || !box.current) return
      box.current.scrollLeft = from.current.left - (event.clientX - from.current.x)
      box.current.scrollTop = from.current.top - (event.clientY - from.current.y)
    },
    onPointerUp: () => {
      from.current = null
    },
    onPointerLeave: () => {
      from.current = null
    },
  }
}
