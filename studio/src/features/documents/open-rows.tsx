import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useRef } from 'react'
import { ErrorNote } from '@/ui/error-note'
import { Skeleton } from '@/ui/skeleton'

export interface OpenRow {
  key: string
  title: string
  /** Below the title, or beside it where there is room. */
  detail: string
  aside?: ReactNode
  onOpen: () => void
}

export interface OpenRowsProps {
  rows: OpenRow[] | undefined
  error?: { title: string; message: string }
  label: string
  /** What is shown instead of no rows. */
  empty: ReactNode
}

const HEIGHT = 52

/** A list of things to open, however long. */
export function OpenRows({ rows, error, label, empty }: OpenRowsProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows?.length ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 8,
  })
  if (error)
    return (
      <div className="p-4">
        <ErrorNote title={error.title}>{error.message}</ErrorNote>
      </div>
    )
  if (!rows) return <Skeleton className="m-4 h-12" />
  if (rows.length === 0) return empty
  return (
    <div ref={scroller} className="h-full overflow-auto">
      <ul aria-label={label} className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <Row key={rows[index]!.key} row={rows[index]!} top={start} />
        ))}
      </ul>
    </div>
  )
}

const Row = ({ row, top }: { row: OpenRow; top: number }) => (
  <li
    className="absolute inset-x-0 flex items-center gap-1 pe-2 hover:bg-hover"
    style={{ height: HEIGHT, transform: `translateY(${top}px)` }}
  >
    <button
      type="button"
      onClick={row.onOpen}
      className="flex h-full min-w-0 flex-1 flex-col justify-center px-4 text-start outline-offset-[-2px]"
    >
      <span className="w-full truncate text-body font-medium">{row.title}</span>
      <span className="w-full truncate text-label text-muted">{row.detail}</span>
    </button>
    {row.aside}
  </li>
)

/** Whether all words of a search stand in a text. */
export const matches = (text: string, ...parts: string[]): boolean => {
  const whole = parts.join(' ').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word))
}
