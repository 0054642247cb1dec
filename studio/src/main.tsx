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
import { watchTabs } from '@/app/other-tabs'
import { applyPreferences, usePreferences } from '@/app/preferences'
import { needsKey, readSession, useSession, watchSession } from '@/app/session'
import { SignIn } from '@/app/sign-in'
import { bestLanguage, switchLanguage } from '@/i18n/text'
import { TooltipProvider } from '@/ui/tooltip'
import '@/ui/theme.css'

/** The application; another language draws all of it anew. */
function Studio() {
  const chosen = usePreferences((state) => state.language)
  const [shown, setShown] = useState('')
  const locked = useSession(needsKey)
  useEffect(() => {
    void switchLanguage(chosen || bestLanguage(navigator.languages)).then(() => setShown(chosen || 'system'))
  }, [chosen])
  if (!shown) return null
  const direction = document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr'
  return (
    <Direction.Provider dir={direction}>{locked ? <SignIn /> : <Frame key={shown} />}</Direction.Provider>
  )
}

applyPreferences()
listenForKeys()
watchSession()
await Promise.all([watchTabs(), readSession()])
if (!needsKey(useSession.getState())) {
  startConnection()
  keepPreferences()
}
await restoreDrafts().catch(() => 0)
keepDrafts()

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <TooltipProvider>
        <Studio />
      </TooltipProvider>
    </QueryClientProvider>
  </StrictMode>,
)
