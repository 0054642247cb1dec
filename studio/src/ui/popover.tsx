import { Popover as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { classes } from './classes'

export interface PopoverProps {
  trigger: ReactNode
  children: ReactNode
  side?: 'top' | 'bottom' | 'left' | 'right'
  align?: 'start' | 'center' | 'end'
  open?: boolean
  onOpenChange?: (open: boolean) => void
  className?: string
  /** What it is, for screen readers. */
  label?: string
}

/** Something beside its trigger that is closed by Esc or a click elsewhere. */
export function Popover({
  trigger,
  children,
  side = 'bottom',
  align = 'start',
  open,
  onOpenChange,
  className,
  label,
}: PopoverProps) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          side={side}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          aria-label={label}
          className={classes(
            'z-50 max-h-(--radix-popover-content-available-height) overflow-auto rounded-card border bg-overlay p-3 shadow-menu animate-[rise_120ms_var(--ease-out)]',
            className,
          )}
        >
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
