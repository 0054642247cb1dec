import { Dialog } from 'radix-ui'
import { lazy, Suspense } from 'react'
import { create } from 'zustand'
import { t } from '@/i18n/text'

// The list is a piece of its own: it comes when somebody searches.
const CommandList = lazy(() => import('./command-list'))

const useSearch = create(() => ({ open: false }))

export const showCommands = (): void => useSearch.setState({ open: true })
export const toggleCommands = (): void => useSearch.setState(({ open }) => ({ open: !open }))

/** Everything that can be done, found by typing. */
export function CommandSearch() {
  const { open } = useSearch()
  return (
    <Dialog.Root open={open} onOpenChange={(next) => useSearch.setState({ open: next })}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-0 top-[12vh] z-50 mx-auto flex max-h-[70dvh] w-[min(600px,calc(100vw-24px))] flex-col overflow-hidden rounded-dialog border bg-overlay shadow-dialog animate-[rise_180ms_var(--ease-out)]"
        >
          <Dialog.Title className="sr-only">{t('Search and commands')}</Dialog.Title>
          {open ? (
            <Suspense fallback={<div className="h-12" />}>
              <CommandList onDone={() => useSearch.setState({ open: false })} />
            </Suspense>
          ) : null}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
