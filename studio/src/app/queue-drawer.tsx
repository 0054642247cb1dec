import { Suspense } from 'react'
import { create } from 'zustand'
import { t } from '@/i18n/text'
import { Sheet } from '@/ui/sheet'
import { drawerSlots } from './slots'

const useDrawer = create(() => ({ open: false }))

export const toggleQueueDrawer = (): void => useDrawer.setState(({ open }) => ({ open: !open }))
export const closeQueueDrawer = (): void => useDrawer.setState({ open: false })

/** The queue at the right edge, over no more than its own width; opened by click, never by hover. */
export function QueueDrawer() {
  const { open } = useDrawer()
  return (
    <Sheet open={open} onClose={closeQueueDrawer} title={t('Queue')} beside>
      <Suspense fallback={null}>
        {drawerSlots.map((Drawer, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is fixed when the page is built.
          <Drawer key={at} />
        ))}
      </Suspense>
    </Sheet>
  )
}
