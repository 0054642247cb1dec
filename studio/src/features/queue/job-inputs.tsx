import { shownNumber, t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import type { JobView } from '@/net/queue'

/** The values that a job ran with, by node; links between nodes are left out. */
export function JobInputs({ prompt }: { prompt: JobView['prompt'] }) {
  const { definitions } = useDefinitions()
  const nodes = Object.entries(prompt)
    .map(([id, node]) => ({
      id,
      title: node._meta?.title || definitions?.get(node.class_type)?.title || node.class_type,
      values: Object.entries(node.inputs).filter(([, value]) => isValue(value)),
    }))
    .filter((node) => node.values.length > 0)
  if (nodes.length === 0) return <p className="text-label text-faint">{t('Nothing but links.')}</p>
  return (
    <ul className="flex flex-col gap-3">
      {nodes.map((node) => (
        <li key={node.id}>
          <h3 className="mb-1 text-label font-medium text-muted">{node.title}</h3>
          <dl className="grid grid-cols-[minmax(72px,auto)_1fr] gap-x-3 gap-y-0.5 text-label">
            {node.values.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-faint">{name}</dt>
                <dd className="min-w-0 text-text break-words whitespace-pre-wrap tabular">
                  {shownValue(value)}
                </dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  )
}

const isValue = (value: unknown): boolean =>
  !(
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'string' &&
    typeof value[1] === 'number'
  )

function shownValue(value: unknown): string {
  if (typeof value === 'number') return shownNumber(value, { useGrouping: false, maximumFractionDigits: 6 })
  if (typeof value === 'string') return value || '""'
  if (typeof value === 'boolean') return value ? t('yes') : t('no')
  return JSON.stringify(value)
}
