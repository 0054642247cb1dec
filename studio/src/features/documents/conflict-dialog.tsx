import { useDocuments } from '@/app/documents'
import { resolveConflict } from '@/app/saving'
import { shownAge, t } from '@/i18n/text'
import type { Theirs } from '@/net/workflows'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ChangeList } from './change-list'

export interface ConflictDialogProps {
  id: string
  path: string
  theirs: Theirs | null
  onClose: () => void
}

/** The file was saved elsewhere in the meantime: keep mine, keep theirs, or both. */
export function ConflictDialog({ id, path, theirs, onClose }: ConflictDialogProps) {
  const mine = useDocuments((state) => state.open[id]?.workflow)
  const said = theirs
    ? t('“{{name}}” was saved somewhere else {{age}}, after you opened it.', {
        name: path,
        age: shownAge(theirs.modified),
      })
    : t('“{{name}}” was moved or deleted after you opened it.', { name: path })
  return (
    <Dialog
      open
      onClose={onClose}
      title={theirs ? t('Which one do you want to keep?') : t('The file is gone')}
      description={said}
      size="medium"
      actions={
        <>
          <Button onClick={() => void resolveConflict('copy')}>{t('Save mine as a copy')}</Button>
          {theirs ? <Button onClick={() => void resolveConflict('theirs')}>{t('Keep theirs')}</Button> : null}
          <Button look="primary" onClick={() => void resolveConflict('mine')}>
            {theirs ? t('Keep mine') : t('Save it again')}
          </Button>
        </>
      }
    >
      {theirs && mine ? (
        <section aria-label={t('What differs')}>
          <h3 className="mb-2 text-label font-medium text-muted">{t('What you would change of theirs')}</h3>
          <ChangeList before={theirs.workflow} after={mine} />
          <p className="mt-3 text-label text-muted">
            {t('Whatever you choose, the other one stays among the versions of the file.')}
          </p>
        </section>
      ) : null}
    </Dialog>
  )
}
