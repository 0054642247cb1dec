import { ShieldCheck } from 'lucide-react'
import { queries } from '@/app/connection'
import { shownAge, shownDate, t } from '@/i18n/text'
import { remove } from '@/net/api'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Skeleton } from '@/ui/skeleton'
import { toast } from '@/ui/toasts'
import { useHosts } from './server-data'

/** Every host outside of this machine that the server asked for something. */
export function PrivacySection() {
  const { data: hosts, error } = useHosts()
  const clear = async () => {
    try {
      await remove('/limner/hosts')
      await queries.invalidateQueries({ queryKey: ['server', 'hosts'] })
    } catch (failed) {
      toast({ text: (failed as Error).message, tone: 'err' })
    }
  }
  return (
    <div className="flex flex-col gap-4">
      <p className="max-w-prose text-body text-muted">
        {t(
          'The studio talks to your server and to nobody else. The server asks others only when you fetch a model, use a service, or have somebody told of a job. Every host that it asked is listed here.',
        )}
      </p>
      {error ? <ErrorNote title={t('The list could not be read.')}>{error.message}</ErrorNote> : null}
      {hosts || error ? null : <Skeleton className="h-20" />}
      {hosts?.length === 0 ? (
        <p className="flex items-center gap-3 rounded-card border bg-surface px-4 py-4 text-body">
          <ShieldCheck size={20} strokeWidth={1.5} className="text-ok" aria-hidden="true" />
          {t('Nobody was contacted.')}
        </p>
      ) : null}
      {hosts && hosts.length > 0 ? (
        <>
          <ul className="rounded-card border bg-surface px-4">
            {hosts.map((entry) => (
              <li
                key={`${entry.host}/${entry.why}/${entry.name ?? ''}`}
                className="flex min-h-12 flex-wrap items-center gap-x-4 border-b py-1 text-body last:border-b-0"
              >
                <span className="min-w-0 flex-1 font-mono text-label break-all">{entry.host}</span>
                <Badge>{reason(entry.why)}</Badge>
                <span
                  className="w-36 text-end text-label text-muted"
                  title={entry.last ? shownDate(entry.last * 1000) : ''}
                >
                  {entry.last
                    ? shownAge(entry.last * 1000)
                    : t('set up as {{name}}', { name: entry.name ?? '' })}
                </span>
              </li>
            ))}
          </ul>
          <div className="flex justify-end">
            <Button onClick={() => void clear()}>{t('Clear the list')}</Button>
          </div>
        </>
      ) : null}
    </div>
  )
}

const reason = (why: string): string =>
  ({
    models: t('fetching models'),
    pictures: t('fetching pictures'),
    providers: t('a service'),
    webhooks: t('telling of jobs'),
  })[why] ?? why
