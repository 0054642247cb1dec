import { X } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { t } from '@/i18n/text'
import { IconButton } from './button'
import { classes } from './classes'
import { focusFirst } from './first-focus'

export interface SheetProps {
  open: boolean
  onClose: () => void
  title: string
  side?: 'right' | 'left' | 'bottom'
  children: ReactNode
  /** Beside the title. */
  aside?: ReactNode
  /** The page behind stays usable. */
  beside?: boolean
}

const SIDES = {
  right: 'inset-y-0 right-0 w-[min(420px,100vw)] border-s',
  left: 'inset-y-0 left-0 w-[min(360px,100vw)] border-e',
  bottom: 'inset-x-0 bottom-0 max-h-[85dvh] rounded-t-dialog border-t',
}

/** A panel that comes from an edge: the queue's drawer, a form on a phone. */
export function Sheet({ open, onClose, title, side = 'right', children, aside, beside }: SheetProps) {
  return (
    <Primitive.Root open={open} onOpenChange={(next) => !next && onClose()} modal={!beside}>
      <Primitive.Portal>
        {beside ? null : (
          <Primitive.Overlay className="fixed inset-0 z-40 bg-black/55 animate-[appear_180ms_var(--ease-out)]" />
        )}
        <Primitive.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => focusFirst(event, { fields: false })}
          onInteractOutside={(event) => beside && event.preventDefault()}
          className={classes(
            'fixed z-50 flex flex-col outline-none bg-surface shadow-dialog animate-[appear_180ms_var(--ease-out)] pb-[env(safe-area-inset-bottom)]',
            SIDES[side],
          )}
        >
          <header className="flex h-12 shrink-0 items-center gap-2 border-b ps-4 pe-2">
            <Primitive.Title className="min-w-0 flex-1 truncate text-section font-semibold">
              {title}
            </Primitive.Title>
            {aside}
            <Primitive.Close asChild>
              <IconButton label={t('Close')}>
                <X size={16} />
              </IconButton>
            </Primitive.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-auto">{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
