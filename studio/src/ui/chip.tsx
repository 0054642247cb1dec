import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '@/i18n/text'
import { classes } from './classes'

export interface ChipProps {
  children: ReactNode
  icon?: ReactNode
  chosen?: boolean
  onClick?: () => void
  onRemove?: () => void
  removeLabel?: string
}

/** A small thing that can be chosen or taken away: a filter, a style, a tag. */
export function Chip({ children, icon, chosen, onClick, onRemove, removeLabel = t('Remove') }: ChipProps) {
  const box = classes(
    'inline-flex h-7 max-w-full items-center gap-1.5 rounded-full border text-label pointer-coarse:h-9',
    chosen ? 'border-accent bg-accent-soft text-text' : 'border-line bg-raised text-muted',
  )
  const body = (
    <>
      {icon}
      <span className="truncate">{children}</span>
    </>
  )
  if (!onRemove && onClick)
    return (
      <button
        type="button"
        aria-pressed={chosen}
        onClick={onClick}
        className={classes(box, 'px-3 hover:text-text')}
      >
        {body}
      </button>
    )
  return (
    <span className={classes(box, onRemove ? 'ps-3 pe-1' : 'px-3')}>
      {onClick ? (
        <button type="button" onClick={onClick} className="flex min-w-0 items-center gap-1.5 hover:text-text">
          {body}
        </button>
      ) : (
        body
      )}
      {onRemove ? (
        <button
          type="button"
          aria-label={removeLabel}
          onClick={onRemove}
          className="flex size-5 items-center justify-center rounded-full hover:bg-press pointer-coarse:size-7"
        >
          <X size={12} aria-hidden="true" />
        </button>
      ) : null}
    </span>
  )
}
