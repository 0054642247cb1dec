import { Suspense, useEffect } from 'react'
import { t } from '@/i18n/text'
import { Announcer } from '@/ui/announce'
import { Toasts } from '@/ui/toasts'
import { CommandSearch } from './command-search'
import { ConnectionBar } from './connection-bar'
import { useDocuments } from './documents'
import { Failsafe } from './failsafe'
import { useFrameCommands } from './frame-commands'
import { useJobNews } from './job-news'
import { KeysPage } from './keys-page'
import { useLiveQueue } from './live-queue'
import { goTo, usePlace } from './navigation'
import { PhoneBar } from './phone-bar'
import { usePreferences } from './preferences'
import { QueueDrawer } from './queue-drawer'
import { Rail } from './rail'
import { useRunOnChange } from './run-on-change'
import { componentOf, screenOf } from './screens'
import { overlaySlots } from './slots'
import { TopBar } from './top-bar'

/** The frame around every screen: rail, top bar, the screen itself, and what floats for a moment. */
export function Frame() {
  const { screen: id, rest } = usePlace()
  const screen = screenOf(id)
  const startScreen = usePreferences((state) => state.startScreen)
  const active = useDocuments((state) => state.active)
  useFrameCommands()
  useJobNews()
  useLiveQueue()
  useRunOnChange()
  useEffect(() => {
    if (!screen) goTo(screenOf(startScreen) ? startScreen : 'create', '', { replace: true })
  }, [screen, startScreen])
  useEffect(() => {
    if (screen?.document && active && active !== rest) goTo(screen.id, active, { replace: true })
  }, [screen, active, rest])
  if (!screen) return null
  const Component = componentOf(screen)
  return (
    <div className="flex h-full max-sm:flex-col">
      <a
        href="#work"
        className="sr-only z-80 rounded-control bg-accent-fill px-3 py-2 text-white focus:not-sr-only focus:absolute focus:start-2 focus:top-2"
      >
        {t('Skip to the work area')}
      </a>
      <Rail current={screen.id} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <TopBar screen={screen} />
        <ConnectionBar />
        <main
          id="work"
          tabIndex={-1}
          className="relative min-h-0 flex-1 overflow-hidden outline-none"
          aria-label={screen.title()}
        >
          <Failsafe key={screen.id} what={screen.title()}>
            <Suspense fallback={null}>
              <Component rest={rest} />
            </Suspense>
          </Failsafe>
        </main>
      </div>
      <PhoneBar current={screen.id} />
      <QueueDrawer />
      <CommandSearch />
      <KeysPage />
      {overlaySlots.map((Overlay, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list is fixed when the page is built.
        <Failsafe key={at} what="">
          <Suspense fallback={null}>
            <Overlay />
          </Suspense>
        </Failsafe>
      ))}
      <Toasts />
      <Announcer />
    </div>
  )
}
