import { useQuery } from '@tanstack/react-query'
import { Copy, ExternalLink } from 'lucide-react'
import { useState } from 'react'
import { usePreferences } from '@/app/preferences'
import { t } from '@/i18n/text'
import { getJson } from '@/net/api'
import { Button } from '@/ui/button'
import { Disclosure } from '@/ui/disclosure'
import { toast } from '@/ui/toasts'
import { useSystem } from './server-data'
import { SettingRow } from './setting-row'

interface Licence {
  name: string
  version: string
  licence: string
}

/** What this is, which versions, what it is made of, and what to send when something is amiss. */
export function AboutSection() {
  const { data: system } = useSystem()
  const { data: parts = [] } = useQuery({
    queryKey: ['licences'],
    queryFn: () => getJson<Licence[]>('/studio/licences.json'),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const [copied, setCopied] = useState('')
  const copy = async () => {
    const text = diagnostics(system)
    try {
      await navigator.clipboard.writeText(text)
      toast({ text: t('Copied.'), tone: 'ok' })
    } catch {
      setCopied(text)
    }
  }
  return (
    <div className="flex flex-col gap-6">
      <div className="flex items-center gap-4">
        <img src="/studio/mark.svg" alt="" className="size-14" />
        <div>
          <p className="text-section font-semibold">Limner {system?.limner.version ?? ''}</p>
          <p className="text-body text-muted">
            {t('Make pictures on your own machine. Apache License 2.0.')}
          </p>
        </div>
      </div>
      <div className="rounded-card border bg-surface px-4">
        <SettingRow
          label={t('Diagnostics')}
          help={t('Versions and devices for a report. No prompts, no pictures, no paths.')}
        >
          {() => (
            <Button icon={<Copy size={16} aria-hidden="true" />} onClick={() => void copy()}>
              {t('Copy')}
            </Button>
          )}
        </SettingRow>
        {copied ? <pre className="pb-3 text-caption whitespace-pre-wrap select-all">{copied}</pre> : null}
        <SettingRow
          label={t('HTTP interface')}
          help={t('Everything that the studio does, a program can do.')}
        >
          {() => (
            <a
              href="/api/v2/openapi.json"
              target="_blank"
              rel="noreferrer"
              className="inline-flex items-center gap-1 text-body text-accent hover:underline"
            >
              OpenAPI <ExternalLink size={12} aria-hidden="true" />
            </a>
          )}
        </SettingRow>
      </div>
      <Disclosure
        name="settings.licences"
        title={t('Made with')}
        summary={String(parts.length)}
        aside={
          <a
            href="/studio/licences.txt"
            target="_blank"
            rel="noreferrer"
            className="text-label text-accent hover:underline"
          >
            {t('Texts of the licences')}
          </a>
        }
      >
        <ul className="grid gap-x-8 sm:grid-cols-2">
          {parts.map((part) => (
            <li
              key={`${part.name}@${part.version}`}
              className="flex justify-between gap-3 border-b py-1 text-label"
            >
              <span className="min-w-0 truncate">
                {part.name} <span className="text-faint">{part.version}</span>
              </span>
              <span className="shrink-0 text-muted">{part.licence}</span>
            </li>
          ))}
        </ul>
      </Disclosure>
    </div>
  )
}

function diagnostics(system: ReturnType<typeof useSystem>['data']): string {
  const { theme, density, language, habits } = usePreferences.getState()
  const lines = {
    limner: system?.limner.version,
    worker: system?.limner.worker,
    python: system?.system.python_version,
    torch: system?.system.pytorch_version,
    os: system?.system.os,
    memory: `${system?.system.ram_free} of ${system?.system.ram_total} bytes free`,
    devices: system?.devices
      .map((device) => `${device.name}, ${device.vram_free} of ${device.vram_total} bytes free`)
      .join('; '),
    browser: navigator.userAgent,
    window: `${innerWidth}x${innerHeight} at ${devicePixelRatio}`,
    preferences: `${theme}, ${density}, ${language || 'language of the browser'}, ${habits}`,
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${value ?? ''}`)
    .join('\n')
}
