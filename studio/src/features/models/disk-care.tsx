import { useMutation } from '@tanstack/react-query'
import { Trash2, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { shownAge, shownBytes, t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { Segmented } from '@/ui/segmented'
import { Skeleton } from '@/ui/skeleton'
import { kindTitle } from './kinds'
import { compareTwins, emptyTrash, removeModel, restoreModel } from './model-actions'
import { type Care, keyOf, type ModelEntry, type Twins, useCare, useTrash } from './model-data'
import { shortName } from './model-names'

type View = 'biggest' | 'unused' | 'twins' | 'trash'

/** What takes room on the disk: the biggest files, those nobody uses, those that are here twice, the trash. */
export function DiskCare() {
  const { data: care } = useCare()
  const { data: trash = [] } = useTrash()
  const [view, setView] = useState<View>('biggest')
  const compare = useMutation({ mutationFn: compareTwins })
  return (
    <section aria-labelledby="disk-care" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <h2 id="disk-care" className="text-section font-semibold">
          {t('On the disk')}
        </h2>
        {care ? (
          <span className="text-label text-faint tabular">
            {t('{{count}} files', { count: care.count })} · {shownBytes(care.size)}
          </span>
        ) : null}
        <Segmented
          label={t('What to look at')}
          value={view}
          onChange={setView}
          className="ms-auto [&>button]:flex-auto max-sm:ms-0 max-sm:w-full"
          segments={[
            { value: 'biggest', label: t('Biggest') },
            { value: 'unused', label: t('Unused 90 days') },
            { value: 'twins', label: t('Duplicates') },
            { value: 'trash', label: trash.length > 0 ? `${t('Trash')} · ${trash.length}` : t('Trash') },
          ]}
        />
      </div>
      {care ? null : <Skeleton className="h-24" />}
      {care && view === 'biggest' ? (
        <Files files={care.biggest} empty={t('There are no files of yours yet.')} />
      ) : null}
      {care && view === 'unused' ? (
        <Files files={care.unused} empty={t('Everything was used in the last 90 days.')} />
      ) : null}
      {care && view === 'twins' ? (
        <Duplicates
          care={care}
          found={compare.data}
          busy={compare.isPending}
          onCompare={() => compare.mutate()}
        />
      ) : null}
      {view === 'trash' ? <Trash /> : null}
    </section>
  )
}

const LINE = 'flex min-h-11 items-center gap-3 border-b px-1 text-body'

function Files({ files, empty }: { files: ModelEntry[]; empty: string }) {
  if (files.length === 0) return <p className="py-4 text-body text-muted">{empty}</p>
  return (
    <ul>
      {files.map((model) => (
        <li key={keyOf(model)} className={LINE}>
          <span className="min-w-0 flex-1 truncate">{shortName(model.name)}</span>
          <span className="w-32 truncate text-muted max-sm:hidden">{kindTitle(model.kind)}</span>
          <span className="w-28 truncate text-end text-muted max-sm:hidden">
            {model.last_used ? shownAge(model.last_used * 1000) : t('never used')}
          </span>
          <span className="w-20 text-end tabular">{shownBytes(model.size)}</span>
          <IconButton
            small
            label={t('Move {{name}} to the trash', { name: shortName(model.name) })}
            disabled={!model.own}
            onClick={() => void removeModel(model.kind, model.name)}
          >
            <Trash2 size={16} />
          </IconButton>
        </li>
      ))}
    </ul>
  )
}

function Duplicates({
  care,
  found,
  busy,
  onCompare,
}: {
  care: Care
  found: Twins[] | undefined
  busy: boolean
  onCompare: () => void
}) {
  const twins = found ?? care.twins
  const unsure = !found && twins.some((group) => !group.sure)
  if (twins.length === 0) return <p className="py-4 text-body text-muted">{t('No file is here twice.')}</p>
  return (
    <>
      {unsure ? (
        <div className="flex flex-wrap items-center gap-3 text-body text-muted">
          <span className="min-w-0 flex-1">
            {t('Some have the same size, and nobody has compared them yet.')}
          </span>
          <Button disabled={busy} onClick={onCompare}>
            {busy ? t('Comparing…') : t('Compare them')}
          </Button>
        </div>
      ) : null}
      {twins.map((group) => (
        <ul key={group.files.map(keyOf).join()} className="rounded-card border bg-raised px-4 py-2">
          <li className="flex items-center gap-3 py-1 text-label text-muted">
            <span className="flex-1">{group.sure ? t('The same bytes') : t('The same size')}</span>
            <span className="tabular">{shownBytes(group.size)}</span>
          </li>
          {group.files.map((file) => (
            <li key={keyOf(file)} className="flex min-h-9 items-center gap-3 text-body">
              <span className="min-w-0 flex-1 truncate">{file.name}</span>
              <span className="text-muted max-sm:hidden">{kindTitle(file.kind)}</span>
              <IconButton
                small
                label={t('Move {{name}} to the trash', { name: shortName(file.name) })}
                disabled={!file.own || !group.sure}
                onClick={() => void removeModel(file.kind, file.name)}
              >
                <Trash2 size={16} />
              </IconButton>
            </li>
          ))}
        </ul>
      ))}
    </>
  )
}

function Trash() {
  const { data: files = [] } = useTrash()
  if (files.length === 0) return <p className="py-4 text-body text-muted">{t('The trash is empty.')}</p>
  return (
    <>
      <ul>
        {files.map((file) => (
          <li key={file.trash} className={LINE}>
            <span className="min-w-0 flex-1 truncate">{shortName(file.name)}</span>
            <span className="w-28 truncate text-end text-muted max-sm:hidden">
              {shownAge(file.thrown * 1000)}
            </span>
            <span className="w-20 text-end tabular">{shownBytes(file.size)}</span>
            <IconButton
              small
              label={t('Bring {{name}} back', { name: shortName(file.name) })}
              onClick={() => void restoreModel(file.trash)}
            >
              <Undo2 size={16} />
            </IconButton>
          </li>
        ))}
      </ul>
      <div className="flex justify-end">
        <Empty size={files.reduce((sum, file) => sum + file.size, 0)} />
      </div>
    </>
  )
}

/** Deleting for good is asked twice, since it is the one thing here that cannot be taken back. */
function Empty({ size }: { size: number }) {
  const [sure, setSure] = useState(false)
  if (!sure) return <Button onClick={() => setSure(true)}>{t('Empty the trash')}</Button>
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="text-body text-muted">
        {t('Delete {{size}} for good?', { size: shownBytes(size) })}
      </span>
      <Button onClick={() => setSure(false)}>{t('Keep')}</Button>
      <Button look="danger" onClick={() => void emptyTrash()}>
        {t('Delete for good')}
      </Button>
    </div>
  )
}
