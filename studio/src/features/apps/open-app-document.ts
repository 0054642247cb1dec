/** Opens the document of an app once all is known of it. */
import { useEffect, useState } from 'react'
import { openApp } from '@/app/app-documents'
import type { App } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import { leftApp } from './kept-values'

/** Returns why it cannot be opened; an empty text if it can. */
export function useAppDocument(app: App | undefined, definitions: Definitions | undefined): string {
  const [fault, setFault] = useState('')
  useEffect(() => {
    if (!app || !definitions) return
    try {
      openApp(app.name, app.title, leftApp(app, definitions))
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error))
    }
  }, [app, definitions])
  return fault
}
