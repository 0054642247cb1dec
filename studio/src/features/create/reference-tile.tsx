import { ArrowLeft, ArrowRight, X } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { shownNumber, t } from '@/i18n/text'
import { fileOfInput, fileUrl } from '@/net/files'
import { classes } from '@/ui/classes'
import { Menu } from '@/ui/menu'

/** The first picture has a field of its own, so that the others begin with the second. */
const FIRST = 2

export interface ReferenceTileProps {
  name: string
  at: number
  count: number
  /** The place of the one that is dragged; -1: none. */
  held: number
  onHold: (at: number) => void
  onMove: (from: number, to: number) => void
  onRemove: () => void
}

/** One picture of the row: dragged or moved with Alt and the arrow keys, removed with Delete; its menu has the same. */
export function ReferenceTile({ name, at, count, held, onHold, onMove, onRemove }: ReferenceTileProps) {
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0
    if (event.key === 'Delete') onRemove()
    else if (event.altKey && step && at + step >= 0 && at + step < count) onMove(at, at + step)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <li
      draggable
      onDragStart={() => onHold(at)}
      onDragEnd={() => onHold(-1)}
      onDragOver={(event) => held >= 0 && event.preventDefault()}
      onDrop={(event) => {
        if (held < 0) return
        event.stopPropagation()
        if (held !== at) onMove(held, at)
        onHold(-1)
      }}
      className={classes('relative', held === at && 'opacity-45')}
    >
      <Menu
        entries={[
          {
            label: t('Move forward'),
            icon: <ArrowLeft size={16} className="rtl:-scale-x-100" />,
            keys: 'Alt+ArrowLeft',
            disabled: at === 0,
            onSelect: () => onMove(at, at - 1),
          },
          {
            label: t('Move back'),
            icon: <ArrowRight size={16} className="rtl:-scale-x-100" />,
            keys: 'Alt+ArrowRight',
            disabled: at === count - 1,
            onSelect: () => onMove(at, at + 1),
          },
          'line',
          { label: t('Remove'), icon: <X size={16} />, keys: 'Delete', danger: true, onSelect: onRemove },
        ]}
        trigger={
          <button
            type="button"
            onKeyDown={keys}
            aria-label={t('Picture {{number}}: {{name}}', {
              number: shownNumber(at + FIRST),
              name: fileOfInput(name).filename,
            })}
            className="checker block size-16 overflow-hidden rounded-control border hover:border-line-strong focus-ring"
          >
            <img
              src={fileUrl(fileOfInput(name))}
              alt=""
              draggable={false}
              className="size-full object-cover"
            />
          </button>
        }
      />
      <span
        aria-hidden="true"
        className="pointer-events-none absolute start-1 top-1 rounded-small bg-overlay px-1 text-caption tabular"
      >
        {shownNumber(at + FIRST)}
      </span>
    </li>
  )
}
