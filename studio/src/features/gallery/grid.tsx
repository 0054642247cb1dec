import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type MouseEvent,
  memo,
  type ReactElement,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { shownNumber, t } from '@/i18n/text'
import { ContextMenu } from '@/ui/menu'
import { useMedia } from '@/ui/use-media'
import { dayName } from './days'
import { boxesOf, type Layout, layOut, type Row, rowOf } from './layout'
import type { Lies, Picture } from './pictures'
import { useSelection } from './selection'
import { Tile } from './tile'
import { menuOf } from './tile-menu'
import { type ListQuery, pictureAt, usePictures } from './use-list'
import { placeOf, useTiles } from './use-tiles'

export interface GridProps {
  lies: Lies
  query: ListQuery
  size: number
  square: boolean
  label: string
  onOpen: (picture: Picture, at: number) => void
  /** Set by the list: goes to a place. */
  jump: RefObject<((at: number) => void) | null>
}

const EDGE = 16

/** All pictures of a list, of which only those near the screen exist. */
export function Grid({ lies, query, size, square, label, onOpen, jump }: GridProps) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const layout = useMemo(
    () =>
      layOut({ total: lies.total, days: lies.days, shapes: lies.shapes, width: width || 1000, size, square }),
    [lies, width, size, square],
  )
  const rows = useVirtualizer({
    count: layout.rows.length,
    getScrollElement: () => box.current,
    estimateSize: (at) => layout.rows[at]!.height,
    overscan: 3,
    paddingStart: EDGE / 2,
    paddingEnd: EDGE * 4,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another layout has other heights.
  useLayoutEffect(() => rows.measure(), [layout])
  const shown = rows.getVirtualItems()
  const from = layout.rows[shown[0]?.index ?? 0]
  const to = layout.rows[shown.at(-1)?.index ?? 0]
  const picture = usePictures(query, from?.first ?? 0, to ? to.first + Math.max(0, to.count - 1) : 0)
  useEffect(() => {
    jump.current = (at) => rows.scrollToIndex(rowOf(layout, at), { align: 'center' })
  }, [jump, rows, layout])
  const tiles = useTiles({
    box,
    layout,
    query,
    onOpen,
    reveal: (at) => rows.scrollToIndex(rowOf(layout, at)),
  })
  const list = (
    <div
      ref={box}
      className="relative min-h-0 flex-1 touch-pan-y overflow-auto outline-none"
      style={{ paddingInline: EDGE }}
      {...tiles.listeners}
    >
      <div
        role="listbox"
        aria-label={label}
        aria-multiselectable="true"
        aria-busy={
          !shown.some(({ index }) => layout.rows[index]!.count > 0 && picture(layout.rows[index]!.first))
        }
        className="relative w-full"
        style={{ height: rows.getTotalSize() }}
      >
        {shown.map(({ index, start }) => (
          <Line
            key={index}
            row={layout.rows[index]!}
            layout={layout}
            top={start}
            total={lies.total}
            picture={picture}
          />
        ))}
      </div>
      {tiles.box ? (
        <div
          className="pointer-events-none absolute border border-accent bg-accent/15"
          style={tiles.box}
          aria-hidden="true"
        />
      ) : null}
    </div>
  )
  return (
    <PointedMenu query={query} onOpen={onOpen}>
      {list}
    </PointedMenu>
  )
}

interface PointedMenuProps {
  query: ListQuery
  onOpen: (picture: Picture, at: number) => void
  children: ReactElement
}

/** The menu at the pointer. A long press chooses, so with fingers there is none. */
function PointedMenu({ query, onOpen, children }: PointedMenuProps) {
  const [at, setAt] = useState<number | null>(null)
  const fine = useMedia('(pointer: fine)')
  if (!fine) return children
  const picture = at === null ? undefined : pictureAt(query, at)
  return (
    <ContextMenu entries={menuOf(picture, () => picture && at !== null && onOpen(picture, at))}>
      <div className="contents" onContextMenuCapture={(event: MouseEvent) => setAt(placeOf(event.target))}>
        {children}
      </div>
    </ContextMenu>
  )
}

interface LineProps {
  row: Row
  layout: Layout
  top: number
  total: number
  picture: (at: number) => Picture | undefined
}

/** A day's heading, or a row of pictures. */
const Line = memo(function Line({ row, layout, top, total, picture }: LineProps) {
  const ids = useSelection((state) => state.ids)
  const current = useSelection((state) => state.current)
  if (row.day)
    return (
      <div
        role="presentation"
        className="absolute inset-x-0 flex items-end gap-2 pb-2"
        style={{ height: row.height, transform: `translateY(${top}px)` }}
      >
        <span className="text-body font-semibold">{dayName(row.day)}</span>
      </div>
    )
  return (
    <div role="presentation" className="absolute inset-x-0" style={{ transform: `translateY(${top}px)` }}>
      {boxesOf(layout, row).map((box, at) => {
        const place = row.first + at
        const known = picture(place)
        if (!known)
          return (
            <div
              key={place}
              className="absolute top-0 rounded-small bg-hover"
              style={{ left: box.left, width: box.width, height: box.height }}
            />
          )
        return (
          <Tile
            key={place}
            picture={known}
            at={place}
            total={total}
            left={box.left}
            width={box.width}
            height={box.height}
            chosen={ids.has(known.id)}
            current={place === current}
            choosing={ids.size > 0}
          />
        )
      })}
    </div>
  )
})

/** How many there are, in words. */
export const shownTotal = (total: number): string =>
  t('{{count}} pictures', { count: total }).replace(String(total), shownNumber(total))

function useWidth(box: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measure = () => setWidth(element.clientWidth - 2 * EDGE)
    measure()
    const watcher = new ResizeObserver(measure)
    watcher.observe(element)
    return () => watcher.disconnect()
  }, [box])
  return width
}
