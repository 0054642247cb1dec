import { QueryClientProvider } from '@tanstack/react-query'
import { Direction } from 'radix-ui'
import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { listenForKeys } from '@/app/commands'
import '@/app/known-commands'
import { queries, startConnection } from '@/app/connection'
import { keepDrafts, restoreDrafts } from '@/app/drafts'
import { Frame } from '@/app/frame'
import { keepPreferences } from '@/app/kept-preferences'
import { readPlace } from '@/app/navigation'
import { watchTabs } from '@/app/other-tabs'
import { applyPreferences, usePreferences } from '@/app/preferences'
import { screenOf } from '@/app/screens'
import { needsKey, readSession, useSession, watchSession } from '@/app/session'
import { SignIn } from '@/app/sign-in'
import { bestLanguage, switchLanguage } from '@/i18n/text'
import { loadDefinitions } from '@/net/definitions'
import { TooltipProvider } from '@/ui/tooltip'
import '@/ui/theme.css'

const SYSTEM = 'system'
const speak = (chosen: string) => switchLanguage(chosen || bestLanguage(navigator.languages))

/** The application; another language draws all of it anew. */
function Studio() {
  const chosen = usePreferences((state) => state.language)
  const [shown, setShown] = useState(chosen || SYSTEM)
  const locked = useSession(needsKey)
  useEffect(() => {
    void speak(chosen).then(() => setShown(chosen || SYSTEM))
  }, [chosen])
  const direction = document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr'
  return (
    <Direction.Provider dir={direction}>{locked ? <SignIn /> : <Frame key={shown} />}</Direction.Provider>
  )
}

// The screen that is shown first comes while it is read who is here and what was open.
const session = readSession()
const first = screenOf(readPlace(location.pathname).screen) ?? screenOf(usePreferences.getState().startScreen)
const arriving = first?.load()
arriving?.catch(() => undefined)

applyPreferences()
listenForKeys()
watchSession()
await Promise.all([watchTabs(), session, speak(usePreferences.getState().language)])
const isOpen = !needsKey(useSession.getState())
if (isOpen) {
  startConnection()
  keepPreferences()
  if (first?.document) loadDefinitions(queries).catch(() => undefined)
}
await restoreDrafts().catch(() => 0)
keepDrafts()
if (isOpen) arriving?.then((screen) => screen.prepare?.()).catch(() => undefined)

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <TooltipProvider>
        <Studio />
      </TooltipProvider>
    </QueryClientProvider>
  </StrictMode>,
)
