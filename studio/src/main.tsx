import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { listenForKeys } from '@/app/commands'
import { queries, startConnection } from '@/app/connection'
import { keepDrafts, restoreDrafts } from '@/app/drafts'
import { Frame } from '@/app/frame'
import { applyPreferences, usePreferences } from '@/app/preferences'
import { switchLanguage } from '@/i18n/text'
import { TooltipProvider } from '@/ui/tooltip'
import '@/ui/theme.css'

/** The application; another language draws all of it anew. */
function Studio() {
  const chosen = usePreferences((state) => state.language)
  const [shown, setShown] = useState('')
  useEffect(() => {
    void switchLanguage(chosen || navigator.language.split('-')[0] || 'en').then(() =>
      setShown(chosen || 'system'),
    )
  }, [chosen])
  if (!shown) return null
  return <Frame key={shown} />
}

applyPreferences()
startConnection()
listenForKeys()
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
