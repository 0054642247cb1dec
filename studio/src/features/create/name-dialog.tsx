import { type ReactNode, useState } from 'react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'

export interface NameDialogProps {
  title: string
  label: string
  onName: (name: string) => void
  onClose: () => void
  children?: ReactNode
}

/** Asks for a name. */
export function NameDialog({ title, label, onName, onClose, children }: NameDialogProps) {
  const [name, setName] = useState('')
  const done = () => {
    if (!name.trim()) return
    onName(name.trim())
    onClose()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button look="primary" disabled={!name.trim()} onClick={done}>
            {t('Save')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={label}>
          {({ id }) => (
            <Input
              id={id}
              value={name}
              onChange={setName}
              maxLength={80}
              onKeyDown={(event) => event.key === 'Enter' && done()}
            />
          )}
        </Field>
        {children}
      </div>
    </Dialog>
  )
}
