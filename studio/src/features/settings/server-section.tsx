import { useMutation } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { queries } from '@/app/connection'
import { shownBytes, t } from '@/i18n/text'
import { ApiError, postJson } from '@/net/api'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Progress } from '@/ui/progress'
import { Skeleton } from '@/ui/skeleton'
import { LogView } from './log-view'
import { useMemory, useSystem } from './server-data'
import { SettingRow } from './setting-row'

/** Where the server is, what it runs on, what it holds, what it logged. */
export function ServerSection() {
  const { data: system, error } = useSystem()
  if (error && !system)
    return <ErrorNote title={t('The server does not say how it is.')}>{error.message}</ErrorNote>
  if (!system) return <Skeleton className="h-64" />
  return (
    <div className="flex flex-col gap-6">
      <div className="rounded-card border bg-surface px-4">
        <Fact name={t('Address')}>{location.origin}</Fact>
        <Fact name={t('Version')}>Limner {system.limner.version}</Fact>
        <Fact name={t('Worker')}>
          <Badge tone={system.limner.worker === 'ready' ? 'ok' : 'warn'}>
            {system.limner.worker === 'ready' ? t('ready') : t('starting')}
          </Badge>
        </Fact>
        <Fact name="Python">{system.system.python_version.split(' ')[0]}</Fact>
        {system.system.pytorch_version ? <Fact name="PyTorch">{system.system.pytorch_version}</Fact> : null}
      </div>
      <Memory total={system.system.ram_total} free={system.system.ram_free} devices={system.devices} />
      <Restart />
      <LogView />
    </div>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="flex min-h-11 items-center justify-between gap-4 border-b text-body last:border-b-0">
    <span className="text-muted">{name}</span>
    <span className="min-w-0 text-end break-all">{children}</span>
  </div>
)

function Memory({
  total,
  free,
  devices,
}: {
  total: number
  free: number
  devices: { name: string; type: string; vram_total: number; vram_free: number }[]
}) {
  const { data } = useMemory()
  const held = (data?.workers ?? []).flatMap((worker) => worker.entries ?? [])
  const give = useMutation({
    mutationFn: () => postJson('/free', { unload_models: true, free_memory: true }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['server'] }),
  })
  return (
    <section aria-label={t('Memory')}>
      <div className="mb-1 flex items-center gap-3">
        <h3 className="flex-1 text-label font-semibold text-muted">{t('Devices and memory')}</h3>
        <Button small disabled={give.isPending || held.length === 0} onClick={() => give.mutate()}>
          {t('Unload all models')}
        </Button>
      </div>
      <div className="rounded-card border bg-surface px-4">
        <Bar name={t('Memory of the machine')} total={total} free={free} />
        {devices
          .filter((device) => device.type !== 'cpu' && device.vram_total > 0)
          .map((device) => (
            <Bar key={device.name} name={device.name} total={device.vram_total} free={device.vram_free} />
          ))}
        {held.map((entry) => (
          <div
            key={`${entry.what}-${entry.device}`}
            className="flex min-h-9 items-center justify-between gap-4 border-b text-label last:border-b-0"
          >
            <span className="min-w-0 truncate text-muted">{entry.what}</span>
            <span className="shrink-0 tabular">
              {entry.device} · {shownBytes(entry.bytes)}
            </span>
          </div>
        ))}
      </div>
    </section>
  )
}

function Bar({ name, total, free }: { name: string; total: number; free: number }) {
  return (
    <div className="flex flex-col gap-2 border-b py-3 last:border-b-0">
      <div className="flex items-center justify-between gap-4 text-body">
        <span className="min-w-0 truncate">{name}</span>
        <span className="shrink-0 text-muted tabular">
          {t('{{used}} of {{total}} used', { used: shownBytes(total - free), total: shownBytes(total) })}
        </span>
      </div>
      <Progress label={t('Used of {{name}}', { name })} value={(total - free) / total} />
    </div>
  )
}

function Restart() {
  const [said, setSaid] = useState('')
  const restart = useMutation({
    mutationFn: () => postJson('/limner/worker/restart', {}),
    onSuccess: () => setSaid(t('The worker was started anew.')),
    onError: (error) =>
      setSaid(
        error instanceof ApiError && error.status === 403 ? t('This key may not do that.') : error.message,
      ),
  })
  return (
    <div className="rounded-card border bg-surface px-4">
      <SettingRow
        label={t('Restart the worker')}
        help={t('The process that draws. Jobs that run finish first, and none is lost.')}
      >
        {() => (
          <Button
            icon={<RefreshCw size={16} aria-hidden="true" />}
            disabled={restart.isPending}
            onClick={() => restart.mutate()}
          >
            {restart.isPending ? t('Restarting…') : t('Restart')}
          </Button>
        )}
      </SettingRow>
      {said ? (
        <p role="status" className="pb-3 text-label text-muted">
          {said}
        </p>
      ) : null}
    </div>
  )
}
