import { CircleAlert, CircleCheck, FolderPlus, FolderX, HardDrive } from 'lucide-react'
import { shownBytes, t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { Button, IconButton } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Skeleton } from '@/ui/skeleton'
import type { AddWish } from './add-dialog'
import { DiskCare } from './disk-care'
import { kindTitle } from './kinds'
import { dropFolder, messageOf, readAgain } from './model-actions'
import { type ModelFolder, useModelFolders } from './model-data'

/** Where models are looked for, in which state that is, and what takes the room. */
export function Folders({ onAdd }: { onAdd: (wish?: AddWish) => void }) {
  const { data, error } = useModelFolders()
  return (
    <div className="mx-auto flex max-w-4xl flex-col gap-8 px-6 py-4 max-sm:px-4">
      <section aria-labelledby="model-folders" className="flex flex-col gap-3">
        <div className="flex items-center gap-3">
          <h2 id="model-folders" className="flex-1 text-section font-semibold">
            {t('Folders')}
          </h2>
          <Button icon={<FolderPlus size={16} aria-hidden="true" />} onClick={() => onAdd({ way: 'folder' })}>
            {t('Add folder')}
          </Button>
        </div>
        {error ? (
          <ErrorNote
            title={t('The folders could not be read.')}
            actions={<Button onClick={readAgain}>{t('Try again')}</Button>}
          >
            {messageOf(error)}
          </ErrorNote>
        ) : null}
        {data || error ? null : <Skeleton className="h-20" />}
        <ul className="flex flex-col gap-2">
          {data?.folders.map((folder) => (
            <Folder key={folder.path} folder={folder} />
          ))}
        </ul>
        {data ? <Kinds kinds={data.kinds} /> : null}
      </section>
      <DiskCare />
    </div>
  )
}

function Folder({ folder }: { folder: ModelFolder }) {
  const fine = folder.state === 'there'
  return (
    <li className="flex flex-col gap-2 rounded-card border bg-raised px-4 py-3">
      <div className="flex items-center gap-3">
        <HardDrive size={20} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden="true" />
        <div className="min-w-0 flex-1">
          <p className="truncate font-mono text-label" title={folder.path}>
            {folder.path}
          </p>
          <p className="flex flex-wrap items-center gap-x-3 text-label text-muted">
            <span className={fine ? 'flex items-center gap-1 text-ok' : 'flex items-center gap-1 text-err'}>
              {fine ? (
                <CircleCheck size={12} aria-hidden="true" />
              ) : (
                <CircleAlert size={12} aria-hidden="true" />
              )}
              {stateText(folder)}
            </span>
            {folder.free !== null ? (
              <span>{t('{{size}} free', { size: shownBytes(folder.free) })}</span>
            ) : null}
            {folder.kinds ? (
              <span className="truncate text-faint">
                {Object.keys(folder.kinds).map(kindTitle).join(', ')}
              </span>
            ) : null}
          </p>
        </div>
        {folder.first ? <Badge tone="accent">{t('New files go here')}</Badge> : null}
        {folder.role === 'added' ? <Badge>{t('By reference')}</Badge> : null}
        {folder.role === 'settings' ? <Badge>{t('From the settings')}</Badge> : null}
        {folder.role === 'added' ? (
          <IconButton label={t('Look into it no longer')} onClick={() => void dropFolder(folder.path)}>
            <FolderX size={16} />
          </IconButton>
        ) : null}
      </div>
      {fine ? null : (
        <p className="text-body text-muted">
          {folder.state === 'missing'
            ? t('There is no such folder now. Connect its disk, or look into it no longer.')
            : t('The server may not read it. Give its user the right to read this folder.')}
        </p>
      )}
    </li>
  )
}

const stateText = (folder: ModelFolder): string => {
  if (folder.state === 'missing') return t('not there')
  if (folder.state === 'unreadable') return t('not readable')
  return folder.writable === false ? t('there, not writable') : t('there')
}

function Kinds({ kinds }: { kinds: { kind: string; files: number; place: string }[] }) {
  const used = kinds.filter((entry) => entry.files > 0)
  if (used.length === 0) return null
  return (
    <ul className="grid grid-cols-2 gap-x-8 gap-y-1 pt-1 sm:grid-cols-3" aria-label={t('Files by kind')}>
      {used.map((entry) => (
        <li key={entry.kind} className="flex justify-between gap-3 text-body" title={entry.place}>
          <span className="truncate text-muted">{kindTitle(entry.kind)}</span>
          <span className="tabular">{entry.files}</span>
        </li>
      ))}
    </ul>
  )
}
