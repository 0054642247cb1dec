import { Check, Download, Link2 } from 'lucide-react'
import { useState } from 'react'
import { shownBytes, t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Checkbox } from '@/ui/checkbox'
import { kindTitle } from './kinds'
import type { PullPlan } from './model-data'

/** What would be fetched, how large it is, under which licence, and where it would lie. */
export function PlanView({
  plan,
  busy,
  onFetch,
}: {
  plan: PullPlan
  busy: boolean
  onFetch: (agreed: boolean) => void
}) {
  const [agreed, setAgreed] = useState(false)
  const there = plan.files.every((file) => file.action === 'present')
  return (
    <section aria-label={plan.title} className="rounded-card border bg-raised">
      <header className="flex flex-wrap items-center gap-2 border-b px-4 py-3">
        <h3 className="min-w-0 flex-1 truncate text-body font-semibold">{plan.title}</h3>
        {plan.licence ? <Badge>{plan.licence}</Badge> : <Badge tone="warn">{t('No licence stated')}</Badge>}
      </header>
      <ul>
        {plan.files.map((file) => (
          <li key={file.path} className="flex items-start gap-3 border-b px-4 py-3">
            <span className="mt-0.5 text-muted">
              {file.action === 'present' ? (
                <Check size={16} aria-hidden="true" />
              ) : file.action === 'link' ? (
                <Link2 size={16} aria-hidden="true" />
              ) : (
                <Download size={16} aria-hidden="true" />
              )}
            </span>
            <span className="min-w-0 flex-1">
              <span className="block text-body break-all">{file.name}</span>
              <span className="block text-label break-all text-faint">{file.path}</span>
              <span className="mt-1 flex flex-wrap gap-x-3 text-label text-muted">
                <span>{kindTitle(file.kind)}</span>
                <span>{actionText(file.action)}</span>
                {file.sha256 ? <span>{t('Its digest is known and will be compared')}</span> : null}
              </span>
              {file.note ? (
                <span className="mt-1 block text-label break-all text-muted">{file.note}</span>
              ) : null}
            </span>
            <span className="shrink-0 text-label text-muted tabular">
              {file.size === null ? t('size unknown') : shownBytes(file.size)}
            </span>
          </li>
        ))}
      </ul>
      {plan.cautions.length > 0 ? (
        <div className="flex flex-col gap-2 border-b px-4 py-3">
          {plan.cautions.map((caution) => (
            <p key={caution} className="text-body text-warn">
              {caution}
            </p>
          ))}
          <Checkbox checked={agreed} onChange={setAgreed}>
            {t('I agree')}
          </Checkbox>
        </div>
      ) : null}
      <footer className="flex flex-wrap items-center gap-3 px-4 py-3">
        <p className="min-w-0 flex-1 text-label text-muted">
          {there
            ? t('Everything is here already.')
            : t('{{size}} to fetch, {{free}} free on that disk.', {
                size: shownBytes(plan.missing),
                free: shownBytes(plan.free),
              })}
        </p>
        <Button
          look="primary"
          icon={<Download size={16} aria-hidden="true" />}
          disabled={busy || there || (plan.cautions.length > 0 && !agreed)}
          onClick={() => onFetch(agreed)}
        >
          {t('Download')}
        </Button>
      </footer>
    </section>
  )
}

const actionText = (action: string): string =>
  action === 'present'
    ? t('is here')
    : action === 'link'
      ? t('its bytes are here: linked, not fetched')
      : t('is fetched')
