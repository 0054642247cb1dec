import { CircleAlert } from 'lucide-react'
import { t } from '@/i18n/text'
import { showProblem } from '../problems/problem-focus'
import { useNodeFailure, useNodeRefusals } from '../running/node-run'

/** What is wrong with a node, below it, where the cause is. */
export function NodeMessage({ id }: { id: string }) {
  const failure = useNodeFailure(id)
  const refusals = useNodeRefusals(id)
  const message = failure?.message || refusals[0]?.message
  if (!message) return null
  const more = refusals.length - 1
  return (
    <div
      role="note"
      className="nodrag absolute inset-x-0 top-full mt-1.5 flex items-start gap-1.5 rounded-control border border-err bg-overlay px-2 py-1.5 text-label text-text select-text"
    >
      <CircleAlert size={13} className="mt-px shrink-0 text-err" aria-hidden="true" />
      <span className="line-clamp-4 min-w-0 flex-1 break-words">
        {message}
        {more > 0 ? <span className="text-muted"> {t('and {{count}} more', { count: more })}</span> : null}
      </span>
      <button
        type="button"
        className="shrink-0 rounded-small px-1 font-medium text-accent hover:underline"
        onClick={() => showProblem(id)}
      >
        {t('Show')}
      </button>
    </div>
  )
}
