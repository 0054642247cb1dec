import { CloudOff, Download, Link2, Search } from 'lucide-react'
import { type FormEvent, useMemo, useState } from 'react'
import { shownNumber, t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { ErrorNote } from '@/ui/error-note'
import { Input } from '@/ui/input'
import { Skeleton } from '@/ui/skeleton'
import type { AddWish } from './add-dialog'
import { kindTitle } from './kinds'
import { messageOf } from './model-actions'
import { type CatalogueEntry, useCatalogue, useModels } from './model-data'

/** Well-known models from the list that comes with the program, and anything that has an address. */
export function Find({ onAdd }: { onAdd: (wish?: AddWish) => void }) {
  const { data: known, error } = useCatalogue()
  const { data: models } = useModels()
  const [text, setText] = useState('')
  const here = useMemo(() => new Set((models ?? []).map((model) => model.name.split('/').at(-1))), [models])
  const shown = fitting(known ?? [], text)
  const isReference = /^(https?:|s3:|hf:|civitai:)|^[\w.-]+\/[\w.-]+/.test(text.trim())
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isReference) onAdd({ reference: text.trim() })
  }
  return (
    <div className="mx-auto flex max-w-4xl flex-col gap-4 px-6 py-4 max-sm:px-4">
      <form onSubmit={submit} className="flex gap-2">
        <div className="relative min-w-0 flex-1">
          <Search
            size={16}
            className="pointer-events-none absolute inset-y-0 start-2 my-auto text-faint"
            aria-hidden="true"
          />
          <Input
            type="search"
            value={text}
            onChange={setText}
            aria-label={t('Search the list, or paste a link')}
            placeholder={t('Search the list, or paste a link or owner/repository')}
            className="!ps-8"
          />
        </div>
        {isReference ? (
          <Button type="submit" look="primary" icon={<Link2 size={16} aria-hidden="true" />}>
            {t('Look it up')}
          </Button>
        ) : null}
      </form>
      {navigator.onLine ? null : (
        <p role="status" className="flex items-center gap-2 text-body text-warn">
          <CloudOff size={16} aria-hidden="true" />
          {t('This machine is offline. Add a file or a folder instead; the list below stays readable.')}
        </p>
      )}
      <p className="text-label text-faint">
        {t(
          'This list comes with the program. The server asks a source only after you have chosen something.',
        )}
      </p>
      {error ? <ErrorNote title={t('The list could not be read.')}>{messageOf(error)}</ErrorNote> : null}
      {known || error ? null : [0, 1, 2, 3].map((at) => <Skeleton key={at} className="h-16" />)}
      {known && shown.length === 0 ? (
        <EmptyState
          title={isReference ? t('Look this up at its source') : t('The list has nothing like that.')}
          actions={
            isReference ? (
              <Button look="primary" onClick={() => onAdd({ reference: text.trim() })}>
                {t('Look it up')}
              </Button>
            ) : (
              <Button onClick={() => setText('')}>{t('Show all')}</Button>
            )
          }
        >
          {t('Anything else can be had by its link, or by the name of its repository.')}
        </EmptyState>
      ) : null}
      <ul className="flex flex-col gap-2">
        {shown.map((entry) => (
          <Entry
            key={entry.name}
            entry={entry}
            here={entry.files.every((file) => here.has(file.name.split('/').at(-1)))}
            onAdd={onAdd}
          />
        ))}
      </ul>
    </div>
  )
}

function Entry({
  entry,
  here,
  onAdd,
}: {
  entry: CatalogueEntry
  here: boolean
  onAdd: (wish?: AddWish) => void
}) {
  const kinds = [...new Set(entry.files.map((file) => kindTitle(file.kind)))]
  return (
    <li className="flex items-center gap-4 rounded-card border bg-raised px-4 py-3 max-sm:flex-wrap">
      <div className="min-w-0 flex-1 max-sm:basis-full">
        <h3 className="truncate text-body font-medium max-sm:whitespace-normal">{entry.title}</h3>
        <p className="mt-0.5 flex flex-wrap items-center gap-x-3 text-label text-muted">
          <span>{entry.licence}</span>
          <span className="text-faint">{kinds.join(', ')}</span>
        </p>
      </div>
      {entry.restricted ? <Badge tone="warn">{t('Restricted licence')}</Badge> : null}
      <span className="w-18 shrink-0 text-end text-body text-muted tabular max-sm:me-auto max-sm:text-start">
        {t('{{size}} GB', { size: shownNumber(entry.gb, { maximumFractionDigits: 1 }) })}
      </span>
      {here ? (
        <span className="w-28 shrink-0 text-end">
          <Badge tone="ok">{t('Installed')}</Badge>
        </span>
      ) : (
        <Button
          className="w-28 shrink-0"
          icon={<Download size={16} aria-hidden="true" />}
          aria-label={t('Get {{name}}', { name: entry.title })}
          onClick={() => onAdd({ reference: entry.name })}
        >
          {t('Get')}
        </Button>
      )}
    </li>
  )
}

function fitting(entries: readonly CatalogueEntry[], text: string): CatalogueEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return entries.filter((entry) => {
    const whole = `${entry.name} ${entry.title} ${entry.licence}`.toLowerCase()
    return words.every((word) => whole.includes(word))
  })
}
