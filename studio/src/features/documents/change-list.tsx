import { useMemo } from 'react'
import { type Difference, differencesOf } from '@/doc/differences'
import { readDocument } from '@/doc/read'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { Skeleton } from '@/ui/skeleton'

const SHOWN = 100
const LONGEST = 120

/** What differs between two workflows: nodes that came and went, values that changed. */
export function ChangeList({ before, after }: { before: unknown; after: unknown }) {
  const { definitions } = useDefinitions()
  const found = useMemo(() => {
    if (!definitions) return undefined
    try {
      const [one, other] = [readDocument(before, definitions), readDocument(after, definitions)]
      return differencesOf(one.workflow, other.workflow, definitions)
    } catch {
      return []
    }
  }, [before, after, definitions])
  if (!found) return <Skeleton className="h-16" />
  if (found.length === 0)
    return <p className="text-body text-muted">{t('The nodes and their values are the same.')}</p>
  return (
    <ul className="divide-y divide-line overflow-hidden rounded-card border">
      {found.slice(0, SHOWN).map((difference) => (
        <li
          key={`${difference.kind} ${difference.node} ${difference.name ?? ''}`}
          className="flex items-baseline gap-3 px-3 py-2 text-body"
        >
          <span className={`w-16 shrink-0 text-label font-medium ${COLOURS[difference.kind]}`}>
            {WORDS[difference.kind]()}
          </span>
          <Told difference={difference} />
        </li>
      ))}
      {found.length > SHOWN ? (
        <li className="px-3 py-2 text-label text-muted">
          {t('and {{count}} more', { count: found.length - SHOWN })}
        </li>
      ) : null}
    </ul>
  )
}

const COLOURS: Record<Difference['kind'], string> = {
  added: 'text-ok',
  removed: 'text-err',
  changed: 'text-info',
  links: 'text-info',
}
const WORDS: Record<Difference['kind'], () => string> = {
  added: () => t('Added'),
  removed: () => t('Removed'),
  changed: () => t('Changed'),
  links: () => t('Changed'),
}

function Told({ difference: { kind, title, node, name, before, after } }: { difference: Difference }) {
  if (kind === 'links') return <span>{t('Links between nodes')}</span>
  return (
    <span className="min-w-0 flex-1 break-words">
      {title} <span className="text-faint">#{node}</span>
      {kind === 'changed' ? (
        <span className="block text-label text-muted">
          {name}: <del className="text-err/90">{shown(before)}</del> →{' '}
          <ins className="text-ok no-underline">{shown(after)}</ins>
        </span>
      ) : null}
    </span>
  )
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text === undefined || text === '') return t('nothing')
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
