import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useDocuments } from '@/app/documents'
import { cleanName, fileNameOf } from '@/app/file-names'
import { saveUnder } from '@/app/saving'
import { t } from '@/i18n/text'
import { listSaved, SAVED } from '@/net/workflows'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'

/** Asks for the name of a document; one that is taken is replaced only if that is said. */
export function SaveAsDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const document = useDocuments((state) => state.open[id])
  const [name, setName] = useState(() => document?.path.replace(/\.json$/i, '') || document?.title || '')
  const [clash, setClash] = useState('')
  const [saving, setSaving] = useState(false)
  const { data: saved = [] } = useQuery({ queryKey: SAVED, queryFn: listSaved })
  if (!document) return null
  const file = fileNameOf(name)
  const isOwn = file === document.path
  const isTaken = !isOwn && (clash === file || saved.some((entry) => entry.name === file))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!cleanName(name) || saving) return
    setSaving(true)
    const done = await saveUnder(id, name, isTaken || isOwn)
    setSaving(false)
    if (done) onClose()
    else setClash(file)
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('Save as')}
      description={t('Workflows are kept on the server. A slash puts them into a folder.')}
      actions={
        <>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button
            look={isTaken ? 'danger' : 'primary'}
            type="submit"
            form="save-as"
            disabled={!cleanName(name)}
          >
            {isTaken ? t('Replace') : t('Save')}
          </Button>
        </>
      }
    >
      <form id="save-as" onSubmit={submit}>
        <Field
          label={t('Name')}
          error={isTaken ? t('There is a workflow with this name. Its versions are kept.') : undefined}
        >
          {({ id: field, describedBy, invalid }) => (
            <Input
              id={field}
              aria-describedby={describedBy}
              aria-invalid={invalid}
              autoFocus
              value={name}
              onChange={setName}
              onFocus={(event) => event.target.select()}
            />
          )}
        </Field>
      </form>
    </Dialog>
  )
}
