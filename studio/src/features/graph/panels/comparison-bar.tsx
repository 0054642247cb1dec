import { X } from 'lucide-react'
import type { Difference } from '@/doc/differences'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { Menu, type MenuEntry } from '@/ui/menu'
import { focusNode } from '../canvas/flow-instance'
import { endComparison, useComparison, useDifferences } from '../state/comparison'
import { select } from '../state/graph-store'
import { useScope } from '../state/scope'

/** Above the graph while it is compared with an earlier version: how much differs, and the way to each difference. */
export function ComparisonBar() {
  const scope = useScope()
  const { document, title } = useComparison()
  const found = useDifferences()
  if (document !== scope.document) return null
  const of = (kind: Difference['kind']) => found.filter((difference) => difference.kind === kind)
  const [added, removed, changed] = [of('added'), of('removed'), of('changed')]
  return (
    <section
      aria-label={t('Compared with {{version}}', { version: title })}
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-b bg-accent-soft px-3 py-1 text-body"
    >
      <span className="me-2 font-medium">{t('Compared with {{version}}', { version: title })}</span>
      <Kind
        label={t('{{count}} added', { count: added.length })}
        tone="text-ok"
        entries={added.map(toNode)}
      />
      <Kind
        label={t('{{count}} removed', { count: removed.length })}
        tone="text-err"
        entries={removed.map((difference) => ({ heading: `${difference.title} #${difference.node}` }))}
      />
      <Kind
        label={t('{{count}} changed', { count: changed.length })}
        tone="text-info"
        entries={changed.map(toNode)}
      />
      {of('links').length > 0 ? <span className="text-muted">{t('Links differ')}</span> : null}
      <span className="ms-auto">
        <IconButton label={t('Stop comparing')} small onClick={endComparison}>
          <X size={16} strokeWidth={1.5} />
        </IconButton>
      </span>
    </section>
  )
}

function Kind({ label, tone, entries }: { label: string; tone: string; entries: MenuEntry[] }) {
  if (entries.length === 0) return <span className="px-2 text-muted">{label}</span>
  return (
    <Menu
      align="start"
      trigger={
        <Button small look="quiet">
          <span className={tone}>{label}</span>
        </Button>
      }
      entries={entries}
    />
  )
}

const toNode = (difference: Difference): MenuEntry => ({
  label: told(difference),
  onSelect: () => {
    select([difference.node])
    focusNode(difference.node, true)
  },
})

const LONGEST = 40
const short = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

const told = ({ title, node, kind, name, before, after }: Difference): string =>
  kind === 'changed' ? `${title} · ${name}: ${short(before)} → ${short(after)}` : `${title} #${node}`
