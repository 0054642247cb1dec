/** What the Run button and its keys do: what the screen names, else the open document. */
import { t } from '@/i18n/text'
import { ApiError } from '@/net/api'
import { toast } from '@/ui/toasts'
import { useDocuments } from './documents'
import { type RunWish, run, useRefusals } from './run'
import { useRunOptions } from './run-options'
import { useRunTarget } from './run-target'

export async function runNow(wish: RunWish = {}): Promise<void> {
  const { target } = useRunTarget.getState()
  const { active } = useDocuments.getState()
  const whole: RunWish = { count: useRunOptions.getState().count, ...wish }
  try {
    if (target) {
      if (!target.reason) await target.run(whole)
    } else if (active) {
      const jobs = await run(active, whole)
      const refused = useRefusals.getState().refused[active]
      if (jobs.length === 0 && refused && refused.problems.length === 0)
        toast({ text: refused.message, tone: 'err' })
    }
  } catch (error) {
    const message = error instanceof ApiError || error instanceof Error ? error.message : String(error)
    toast({ text: t('It was not queued: {{message}}', { message }), tone: 'err' })
  }
}
