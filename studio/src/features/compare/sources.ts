/** What can be compared: open documents, and apps, which are opened when they are chosen. */
import { documentId, openApp } from '@/app/app-documents'
import { queries } from '@/app/connection'
import { useDocuments } from '@/app/documents'
import { APPS, type App, openedApp, useApps } from '@/app/saved-apps'
import { t } from '@/i18n/text'
import { getJson } from '@/net/api'
import { loadDefinitions } from '@/net/definitions'
import type { ComboboxChoice } from '@/ui/combobox'
import { toast } from '@/ui/toasts'

/** Open documents first, then all apps. */
export function useSources(): ComboboxChoice[] {
  const open = useDocuments((state) => state.open)
  const order = useDocuments((state) => state.order)
  const { data: apps = [] } = useApps()
  return [
    ...order.map((id) => ({ value: id, label: open[id]!.title, group: t('Open documents') })),
    ...apps.map((app) => ({ value: documentId(app.name), label: app.title, group: t('Apps') })),
  ]
}

/** The document of a source; an app's is opened first. Undefined, and told, if that is not possible. */
export async function openSource(source: string): Promise<string | undefined> {
  if (useDocuments.getState().open[source]) return source
  const name = source.replace(/^app:/, '')
  try {
    const [app, definitions] = await Promise.all([
      queries.fetchQuery({
        queryKey: [...APPS, name],
        queryFn: () => getJson<App>(`/apps/${encodeURIComponent(name)}`),
      }),
      loadDefinitions(queries),
    ])
    return openApp(name, app.title, openedApp(app, definitions))
  } catch (error) {
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
    return undefined
  }
}
