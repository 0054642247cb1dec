/** Opens what a job ran as a document of its own, to be looked at or changed. */
import { queries } from '@/app/connection'
import { openDocument } from '@/app/documents'
import { sendTo } from '@/app/intents'
import { goTo } from '@/app/navigation'
import { readDocument } from '@/doc/read'
import type { Workflow } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { loadDefinitions } from '@/net/definitions'
import { getJob } from '@/net/queue'
import { toast } from '@/ui/toasts'

/** The workflow of a job: as it was sent, else laid out anew from what ran. */
async function workflowOf(id: string): Promise<{ workflow: Workflow; title: string } | undefined> {
  try {
    const [view, definitions] = await Promise.all([getJob(id), loadDefinitions(queries)])
    const { workflow } = readDocument(view.workflow ?? view.prompt, definitions)
    return { workflow, title: view.title || view.text.slice(0, 40) || t('Untitled') }
  } catch (error) {
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
    return undefined
  }
}

export async function openAsGraph(id: string): Promise<void> {
  const found = await workflowOf(id)
  if (found) sendTo('graph', 'open-workflow', { ...found })
}

/** A copy in a tab of its own, shown where it can be changed best: a recipe's in Create, others as a graph. */
export async function duplicateAndEdit(id: string): Promise<void> {
  const found = await workflowOf(id)
  if (!found) return
  const title = t('{{title}} copy', { title: found.title })
  const document = openDocument({ workflow: found.workflow, title, dirty: true })
  goTo(found.workflow.extra?.studio?.recipe ? 'create' : 'graph', document)
}
