import { type FormEvent, useState } from 'react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { changeBoards } from './pictures'
import { goToBoard, useWanted } from './wanted'

/** Makes a board, or gives one another name; a slash puts it into another one. */
export function BoardDialog({ board = '', onClose }: { board?: string; onClose: () => void }) {
  const [name, setName] = useState(board)
  const clean = name
    .split('/')
    .map((part) => part.trim())
    .filter(Boolean)
    .join('/')
  const inside = board !== '' && clean.startsWith(`${board}/`)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!clean || inside) return
    onClose()
    if (!board) return changeBoards('POST', { name: clean })
    await changeBoards('PATCH', { name: board, to: clean })
    if (useWanted.getState().board === board) goToBoard({ board: clean })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={board ? t('Rename or move the board') : t('New board')}
      actions={
        <>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button look="primary" type="submit" form="board-form" disabled={!clean || inside}>
            {board ? t('Rename') : t('Make')}
          </Button>
        </>
      }
    >
      <form id="board-form" onSubmit={(event) => void submit(event)}>
        <Field
          label={t('Name')}
          help={t('A slash puts it into another board: animals/foxes.')}
          error={inside ? t('A board cannot lie in itself.') : undefined}
        >
          {({ id, describedBy, invalid }) => (
            <Input
              id={id}
              autoFocus
              value={name}
              onChange={setName}
              aria-describedby={describedBy}
              aria-invalid={invalid || undefined}
              maxLength={200}
            />
          )}
        </Field>
      </form>
    </Dialog>
  )
}
