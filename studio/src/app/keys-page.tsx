import { lazy, Suspense } from 'react'
import { create } from 'zustand'
import { t } from '@/i18n/text'
import { Dialog } from '@/ui/dialog'
import { usePlace } from './navigation'

// What is in it is a piece of its own: it comes when somebody asks.
const KeysAndHelp = lazy(() => import('./keys-and-help'))

const useKeysPage = create(() => ({ open: false }))

export const showKeys = (): void => useKeysPage.setState({ open: true })
const hideKeys = (): void => useKeysPage.setState({ open: false })

/** The keys that work on this screen, and a short help for it. */
export function KeysPage() {
  const { open } = useKeysPage()
  const { screen } = usePlace()
  return (
    <Dialog open={open} onClose={hideKeys} title={t('Keys and help')} size="medium">
      {open ? (
        <Suspense fallback={<div className="h-60" />}>
          <KeysAndHelp screen={screen} onDone={hideKeys} />
        </Suspense>
      ) : null}
    </Dialog>
  )
}
