/** Removing an app; for a few seconds it can be brought back. */
import { useQueryClient } from '@tanstack/react-query'
import { forgetApp } from '@/app/app-documents'
import { goTo } from '@/app/navigation'
import { APPS, type App } from '@/app/saved-apps'
import { t } from '@/i18n/text'
import { putJson, remove } from '@/net/api'
import { toast, toastUndo } from '@/ui/toasts'

export function useRemoveApp(app: App): () => Promise<void> {
  const queries = useQueryClient()
  const path = `/apps/${encodeURIComponent(app.name)}`
  const fresh = () => queries.invalidateQueries({ queryKey: APPS, exact: true })
  return async () => {
    try {
      await remove(path)
      forgetApp(app.name)
      goTo('apps')
      queries.removeQueries({ queryKey: [...APPS, app.name] })
      await fresh()
      toastUndo(t('{{title}} was removed.', { title: app.title }), () => {
        void putJson(path, { workflow: app.workflow, declaration: app.declaration }).then(fresh)
      })
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
    }
  }
}
