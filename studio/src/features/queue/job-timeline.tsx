import { Check, CircleSlash, TriangleAlert, Zap } from 'lucide-react'
import { shownDuration, t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import type { TimelineStep } from '@/net/queue'
import { classes } from '@/ui/classes'

const ICONS = { ran: Check, cached: Zap, failed: TriangleAlert, stopped: CircleSlash }
const COLOURS = { ran: 'text-ok', cached: 'text-info', failed: 'text-err', stopped: 'text-faint' }

/** What each node took, the longest as long as the box is wide; those that were remembered say so. */
export function JobTimeline({ steps }: { steps: TimelineStep[] }) {
  const { definitions } = useDefinitions()
  const longest = Math.max(0.001, ...steps.map((step) => step.seconds))
  const words = { ran: t('ran'), cached: t('cached'), failed: t('failed'), stopped: t('stopped') }
  return (
    <ol className="flex flex-col gap-1">
      {steps.map((step) => {
        const Icon = ICONS[step.state]
        return (
          <li
            key={`${step.node}-${step.began}`}
            className="relative flex h-7 items-center gap-2 overflow-hidden rounded-small px-2"
          >
            <span
              aria-hidden="true"
              className={classes(
                'absolute inset-y-0 start-0 rounded-small',
                step.state === 'failed' ? 'bg-err/15' : 'bg-accent-soft',
              )}
              style={{ width: `${(step.seconds / longest) * 100}%` }}
            />
            <Icon
              size={12}
              aria-hidden="true"
              className={classes('relative shrink-0', COLOURS[step.state])}
            />
            <span className="relative min-w-0 flex-1 truncate text-label">
              {step.title || definitions?.get(step.type)?.title || step.type || step.node}
              <span className="sr-only">, {words[step.state]}</span>
            </span>
            <span className="relative text-label text-muted tabular">
              {step.state === 'cached' ? words.cached : shownDuration(step.seconds * 1000)}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
