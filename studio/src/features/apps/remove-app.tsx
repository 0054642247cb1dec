import { useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { goTo } from '@/app/navigation'
import { t } from '@/i18n/text'
import { putJson, remove } from '@/net/api'
import { IconButton } from '@/ui/button'
import { toast, toastUndo } from '@/ui/toasts'
import { APPS, type App } from './app-data'
import { forgetApp } from './app-documents'

/** Removes an app; for a few seconds it can be brought back. */
export function RemoveApp({ app }: { app: App & { declaration?: unknown } }) {
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const path = `/apps/${encodeURIComponent(app.name)}`
  const fresh = () => queries.invalidateQueries({ queryKey: APPS })
  const removeIt = async () => {
    setBusy(true)
    try {
      await remove(path)
      forgetApp(app.name)
      goTo('apps')
      await fresh()
      toastUndo(t('{{title}} was removed.', { title: app.title }), () => {
        void putJson(path, { workflow: app.workflow, declaration: app.declaration }).then(fresh)
      })
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
      setBusy(false)
    }
  }
  return (
    <IconButton label={t('Remove the app')} disabled={busy} onClick={() => void removeIt()}>
      <Trash2 size={16} strokeWidth={1.5} />
    </IconButton>
  )
}
