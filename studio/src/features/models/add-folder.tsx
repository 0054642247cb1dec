import { useMutation } from '@tanstack/react-query'
import { FolderCheck } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { goTo } from '@/app/navigation'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { toast } from '@/ui/toasts'
import { kindTitle } from './kinds'
import { addFolder, lookIntoFolder, messageOf } from './model-actions'

/** A folder on the server's machine: another program's, or any with models in it. Looked at first, never copied. */
export function AddFolder({ onDone }: { onDone: () => void }) {
  const [path, setPath] = useState('')
  const look = useMutation({ mutationFn: lookIntoFolder })
  const add = useMutation({
    mutationFn: addFolder,
    onSuccess: (kinds) => {
      const count = Object.values(kinds).reduce((sum, one) => sum + one, 0)
      toast({ text: t('{{count}} models were added, where they are.', { count }), tone: 'ok' })
      onDone()
      goTo('models')
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    look.mutate(path.trim())
  }
  const error = look.error ?? add.error
  return (
    <>
      <form onSubmit={submit} className="flex items-end gap-2">
        <Field
          label={t('Folder on the server’s machine')}
          className="flex-1"
          help={t(
            'The folder in which ComfyUI, A1111, Forge or InvokeAI is installed, or any folder with models.',
          )}
        >
          {({ id }) => (
            <Input
              id={id}
              value={path}
              autoFocus
              placeholder="/home/…"
              onChange={(next) => {
                setPath(next)
                look.reset()
              }}
            />
          )}
        </Field>
        <Button
          type="submit"
          look={look.data ? 'plain' : 'primary'}
          disabled={!path.trim() || look.isPending}
        >
          {look.isPending ? t('Looking…') : t('Look into it')}
        </Button>
      </form>
      {error ? <ErrorNote title={t('This folder cannot be used.')}>{messageOf(error)}</ErrorNote> : null}
      {look.data ? (
        <section aria-label={t('What is in it')} className="rounded-card border bg-raised p-4">
          <h3 className="flex items-center gap-2 text-body font-semibold">
            <FolderCheck size={16} className="text-ok" aria-hidden="true" />
            {look.data.program
              ? t('This is a folder of {{program}}.', { program: look.data.program })
              : t('A folder with models.')}
          </h3>
          <ul className="mt-3 grid grid-cols-2 gap-x-6 gap-y-1">
            {Object.entries(look.data.kinds)
              .filter(([, count]) => count > 0)
              .map(([kind, count]) => (
                <li key={kind} className="flex justify-between gap-3 text-body">
                  <span className="truncate text-muted">{kindTitle(kind)}</span>
                  <span className="tabular">{count}</span>
                </li>
              ))}
          </ul>
          {look.data.notes.map((note) => (
            <p key={note} className="mt-2 text-label text-muted">
              {note}
            </p>
          ))}
          <div className="mt-4 flex justify-end">
            <Button look="primary" disabled={add.isPending} onClick={() => add.mutate(look.data.path)}>
              {add.isPending ? t('Adding…') : t('Use these models')}
            </Button>
          </div>
        </section>
      ) : (
        <p className="text-label text-faint">
          {t('Files stay where they are: nothing is copied, moved or changed.')}
        </p>
      )}
    </>
  )
}
