/** App files that somebody opens: an app that is published here is used; another one is first shown to who may publish it. */
import { openDocument } from '@/app/documents'
import { goTo } from '@/app/navigation'
import type { App } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import { appName } from '@/doc/input-names'
import { readDocument } from '@/doc/read'
import type { Workflow } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { getJson } from '@/net/api'
import { toast } from '@/ui/toasts'

/** Shows an app file: its form if the same app is here, else the workshop. */
export async function openAppFile(written: unknown, title: string, definitions: Definitions): Promise<void> {
  try {
    const { workflow } = readDocument(written, definitions)
    const name = appName(title)
    const known = await getJson<App>(`/apps/${name}`).catch(() => null)
    if (known && isSame(readDocument(known.workflow, definitions).workflow, workflow))
      return goTo('apps', name)
    goTo('apps', `build/${openDocument({ workflow, title, dirty: true })}`)
    toast({ text: t('{{title}} is no app here yet. Publish it to use it.', { title }) })
  } catch (error) {
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
  }
}

/** Two workflows are the same app if they have the same nodes and the same form; values may differ. */
export const isSame = (one: Workflow, other: Workflow): boolean => markOf(one) === markOf(other)

const markOf = ({ nodes, extra }: Workflow): string =>
  JSON.stringify([
    nodes.map(({ id, type }) => `${id} ${type}`).sort(),
    extra?.studio?.form ?? extra?.linearData ?? null,
  ])
