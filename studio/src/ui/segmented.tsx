import { ToggleGroup } from 'radix-ui'
import type { ReactNode } from 'react'
import { classes } from './classes'

export interface Segment<T extends string> {
  value: T
  label: string
  icon?: ReactNode
  disabled?: boolean
}

export interface SegmentedProps<T extends string> {
  value: T
  onChange: (value: T) => void
  segments: readonly Segment<T>[]
  label: string
  /** Icons alone; the words are their names. */
  iconsOnly?: boolean
  className?: string
}

/** So many have the same width; of more, each is as wide as its word. */
const MANY = 4

/** One of a few that are all in view. */
export function Segmented<T extends string>({
  value,
  onChange,
  segments,
  label,
  iconsOnly,
  className,
}: SegmentedProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      value={value}
      onValueChange={(next) => next && onChange(next as T)}
      aria-label={label}
      className={classes('flex rounded-control border border-line bg-bg p-0.5', className)}
    >
      {segments.map((segment) => (
        <ToggleGroup.Item
          key={segment.value}
          value={segment.value}
          disabled={segment.disabled}
          aria-label={iconsOnly ? segment.label : undefined}
          title={iconsOnly ? segment.label : undefined}
          className={classes(
            'flex h-[calc(var(--control)-6px)] min-w-0 items-center justify-center gap-1.5 rounded-[5px] text-label text-muted transition-colors duration-120 hover:text-text disabled:opacity-40 data-[state=on]:bg-raised data-[state=on]:font-medium data-[state=on]:text-text data-[state=on]:shadow-[0_0_0_1px_var(--line)]',
            segments.length > MANY ? 'flex-auto px-1.5' : 'flex-1 px-2',
          )}
        >
          {segment.icon}
          {iconsOnly ? null : <span className="truncate">{segment.label}</span>}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
