import { X } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { t } from '@/i18n/text'
import { IconButton } from './button'
import { classes } from './classes'
import { focusFirst } from './first-focus'

export interface DialogProps {
  open: boolean
  onClose: () => void
  title: ReactNode
  description?: ReactNode
  children?: ReactNode
  /** Buttons at the end, the main one last. */
  actions?: ReactNode
  size?: 'small' | 'medium' | 'large' | 'full'
}

const SIZES = {
  small: 'max-w-md',
  medium: 'max-w-2xl',
  large: 'max-w-5xl h-[85dvh]',
  full: 'max-w-none w-[calc(100vw-32px)] h-[calc(100dvh-32px)]',
}

/** Something that must be answered or finished before one goes on. Use sparingly: undo beats asking. */
export function Dialog({
  open,
  onClose,
  title,
  description,
  children,
  actions,
  size = 'small',
}: DialogProps) {
  return (
    <Primitive.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-black/55 animate-[appear_180ms_var(--ease-out)]" />
        <Primitive.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={focusFirst}
          className={classes(
            'fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-32px)] w-[calc(100vw-32px)] -translate-x-1/2 -translate-y-1/2 flex-col rounded-dialog border bg-surface shadow-dialog outline-none animate-[appear_240ms_var(--ease-out)]',
            SIZES[size],
          )}
        >
          <header className="flex items-start gap-3 px-6 pt-5 pb-3">
            <div className="min-w-0 flex-1">
              <Primitive.Title className="text-section font-semibold">{title}</Primitive.Title>
              {description ? (
                <Primitive.Description className="mt-1 max-w-prose text-body text-muted">
                  {description}
                </Primitive.Description>
              ) : null}
            </div>
            <Primitive.Close asChild>
              <IconButton label={t('Close')} small>
                <X size={16} />
              </IconButton>
            </Primitive.Close>
          </header>
          {children ? <div className="min-h-0 flex-1 overflow-auto px-6 pb-4">{children}</div> : null}
          {actions ? (
            <footer className="flex flex-wrap justify-end gap-2 border-t px-6 py-4">{actions}</footer>
          ) : null}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
