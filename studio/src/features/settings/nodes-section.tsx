import { useMutation } from '@tanstack/react-query'
import { Puzzle } from 'lucide-react'
import { useState } from 'react'
import { queries } from '@/app/connection'
import { shownNumber, t } from '@/i18n/text'
import { postJson } from '@/net/api'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Disclosure } from '@/ui/disclosure'
import { EmptyState } from '@/ui/empty-state'
import { ErrorNote } from '@/ui/error-note'
import { Skeleton } from '@/ui/skeleton'
import { Switch } from '@/ui/switch'
import { toast } from '@/ui/toasts'
import { type Pack, usePacks } from './server-data'

/** Packs of nodes that others wrote: which there are, how they did, on or off. */
export function NodesSection() {
  const { data, error } = usePacks()
  const [changed, setChanged] = useState(false)
  const restart = useMutation({
    mutationFn: () => postJson('/limner/worker/restart', {}),
    onSuccess: () => {
      setChanged(false)
      void queries.invalidateQueries({ queryKey: ['server'] })
    },
  })
  if (error) return <ErrorNote title={t('The list of packs could not be read.')}>{error.message}</ErrorNote>
  if (!data) return <Skeleton className="h-40" />
  if (data.packs.length === 0)
    return (
      <EmptyState
        icon={<Puzzle strokeWidth={1.5} aria-hidden="true" />}
        title={t('There are no custom nodes.')}
      >
        {t('Packs lie in the folder custom_nodes of the data folder. “limner nodes install” brings them.')}
      </EmptyState>
    )
  return (
    <div className="flex flex-col gap-4">
      {changed ? (
        <div
          role="status"
          className="flex flex-wrap items-center gap-3 rounded-card border border-info/50 px-4 py-3 text-body"
        >
          <span className="min-w-0 flex-1">{t('This counts once the worker has started again.')}</span>
          <Button look="primary" disabled={restart.isPending} onClick={() => restart.mutate()}>
            {restart.isPending ? t('Restarting…') : t('Restart now')}
          </Button>
        </div>
      ) : null}
      <ul className="rounded-card border bg-surface px-4">
        {data.packs.map((pack) => (
          <PackRow key={pack.name} pack={pack} onChanged={() => setChanged(true)} />
        ))}
      </ul>
    </div>
  )
}

function PackRow({ pack, onChanged }: { pack: Pack; onChanged: () => void }) {
  const on = pack.state === 'on'
  const loaded = pack.loaded
  const problems = Object.entries(loaded?.failures ?? {})
  const flip = async (next: boolean) => {
    try {
      await postJson(`/limner/nodes/${next ? 'enable' : 'disable'}`, { names: [pack.name] })
      await queries.invalidateQueries({ queryKey: ['server', 'packs'] })
      onChanged()
    } catch (error) {
      toast({ text: (error as Error).message, tone: 'err' })
    }
  }
  return (
    <li className="border-b py-3 last:border-b-0">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-2 text-body font-medium">
            <span className="break-all">{pack.name}</span>
            <State pack={pack} />
          </p>
          <p className="text-label text-muted">
            {loaded
              ? t('{{count}} nodes, loaded in {{seconds}} s', {
                  count: loaded.nodes.length,
                  seconds: shownNumber(loaded.seconds, { maximumFractionDigits: 1 }),
                })
              : t('not loaded')}
          </p>
        </div>
        <Switch
          label={t('Use {{name}}', { name: pack.name })}
          checked={on}
          onChange={(next) => void flip(next)}
        />
      </div>
      {pack.reason || loaded?.reason ? (
        <p className="mt-2 text-label break-words text-err">{pack.reason || loaded?.reason}</p>
      ) : null}
      {problems.length > 0 ? (
        <Disclosure
          name={`pack.${pack.name}`}
          title={t('{{count}} nodes were left out', { count: problems.length })}
        >
          <dl className="flex flex-col gap-1">
            {problems.map(([name, reason]) => (
              <div key={name} className="text-label">
                <dt className="font-medium">{name}</dt>
                <dd className="break-words text-muted">{reason}</dd>
              </div>
            ))}
          </dl>
        </Disclosure>
      ) : null}
    </li>
  )
}

function State({ pack }: { pack: Pack }) {
  if (pack.state !== 'on') return <Badge>{t('Off')}</Badge>
  if (pack.loaded?.state === 'loaded') return <Badge tone="ok">{t('Loaded')}</Badge>
  if (pack.loaded?.state === 'failed') return <Badge tone="err">{t('Failed')}</Badge>
  return <Badge tone="warn">{pack.loaded?.state ?? t('Waits for a restart')}</Badge>
}
