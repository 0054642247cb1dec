import { useMutation, useQuery } from '@tanstack/react-query'
import { CircleCheck, Copy, Download, Search } from 'lucide-react'
import { useState } from 'react'
import { edit, useActiveDocument } from '@/app/documents'
import { goTo } from '@/app/navigation'
import { t } from '@/i18n/text'
import { postJson } from '@/net/api'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNote } from '@/ui/error-note'
import { Skeleton } from '@/ui/skeleton'
import { toast } from '@/ui/toasts'
import { kindTitle } from './kinds'
import { messageOf, supplyMissing } from './model-actions'
import type { MissingModel } from './model-data'
import { replaceModel } from './replace-model'

/** What a workflow misses, where it can be had, and what is here instead. */
export function MissingDialog({ workflow, onClose }: { workflow: unknown; onClose: () => void }) {
  const { data, error } = useQuery({
    queryKey: ['models', 'missing', workflow],
    queryFn: async () =>
      (await postJson<{ missing: MissingModel[] }>('/limner/models/missing', { workflow })).missing,
  })
  const supply = useMutation({
    mutationFn: (missing: MissingModel[]) => supplyMissing(missing, false),
    onSuccess: onClose,
  })
  const [replaced, setReplaced] = useState<string[]>([])
  const left = (data ?? []).filter((missing) => !replaced.includes(missing.name))
  const known = left.filter((missing) => missing.reference || missing.sha256)
  return (
    <Dialog
      open
      onClose={onClose}
      size="medium"
      title={t('Missing models')}
      description={t('The workflow names files that are not here.')}
      actions={
        <>
          <Button onClick={onClose}>{t('Close')}</Button>
          {known.length > 0 ? (
            <Button
              look="primary"
              icon={<Download size={16} aria-hidden="true" />}
              disabled={supply.isPending}
              onClick={() => supply.mutate(known)}
            >
              {t('Install all {{count}}', { count: known.length })}
            </Button>
          ) : null}
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {error ? (
          <ErrorNote title={t('The workflow could not be looked at.')}>{messageOf(error)}</ErrorNote>
        ) : null}
        {supply.error ? (
          <ErrorNote title={t('It was not begun.')}>{messageOf(supply.error)}</ErrorNote>
        ) : null}
        {data || error ? null : [0, 1].map((at) => <Skeleton key={at} className="h-20" />)}
        {data && left.length === 0 ? (
          <p className="flex items-center gap-2 py-4 text-body">
            <CircleCheck size={20} strokeWidth={1.5} className="text-ok" aria-hidden="true" />
            {t('Nothing is missing.')}
          </p>
        ) : null}
        <ul className="flex flex-col gap-2">
          {left.map((missing) => (
            <Missing
              key={`${missing.kind}/${missing.name}`}
              missing={missing}
              onReplaced={() => setReplaced((names) => [...names, missing.name])}
              onInstall={() => supply.mutate([missing])}
              onFind={() => {
                onClose()
                goTo('models', 'find')
              }}
            />
          ))}
        </ul>
      </div>
    </Dialog>
  )
}

function Missing({
  missing,
  onReplaced,
  onInstall,
  onFind,
}: {
  missing: MissingModel
  onReplaced: () => void
  onInstall: () => void
  onFind: () => void
}) {
  const document = useActiveDocument()
  const use = (name: string) => {
    if (!document) return
    edit(document.id, { label: t('Use another model') }, (draft) => replaceModel(draft, missing.name, name))
    toast({ text: t('The workflow uses {{name}} now.', { name }), tone: 'ok' })
    onReplaced()
  }
  const known = Boolean(missing.reference || missing.sha256)
  return (
    <li className="flex flex-col gap-2 rounded-card border bg-raised px-4 py-3">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="text-body font-medium break-all">{missing.name}</p>
          <p className="truncate text-label text-muted">
            {missing.reference || t('Nobody says where it can be had.')}
          </p>
        </div>
        <Badge>{kindTitle(missing.kind)}</Badge>
        {known ? (
          <Button icon={<Download size={16} aria-hidden="true" />} onClick={onInstall}>
            {t('Install')}
          </Button>
        ) : (
          <Button icon={<Search size={16} aria-hidden="true" />} onClick={onFind}>
            {t('Find')}
          </Button>
        )}
      </div>
      {document && missing.same.length > 0 ? (
        <Instead title={t('You have this as')} names={missing.same} onUse={use} />
      ) : null}
      {document && missing.same.length === 0 && missing.near.length > 0 ? (
        <Instead title={t('Of a like name')} names={missing.near} onUse={use} />
      ) : null}
    </li>
  )
}

const Instead = ({
  title,
  names,
  onUse,
}: {
  title: string
  names: { kind: string; name: string }[]
  onUse: (name: string) => void
}) => (
  <div className="flex flex-wrap items-center gap-2 border-t pt-2 text-label text-muted">
    <span>{title}</span>
    {names.map(({ name }) => (
      <Button key={name} small icon={<Copy size={14} aria-hidden="true" />} onClick={() => onUse(name)}>
        {name}
      </Button>
    ))}
  </div>
)
