import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { t } from '@/i18n/text'
import { ApiError } from '@/net/api'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Select } from '@/ui/select'
import { kindChoices } from './kinds'
import { messageOf, resolveReference, startPull } from './model-actions'
import { useModelFolders } from './model-data'
import { PlanView } from './plan-view'
import { PullTrouble } from './pull-trouble'

const BY_ITSELF = '*'

/** A link or a name is looked at first; what it is and where it would go is shown before anything is fetched. */
export function AddLink({ reference: first, onDone }: { reference: string; onDone: () => void }) {
  const [reference, setReference] = useState(first)
  const [into, setInto] = useState('')
  const { data: folders } = useModelFolders()
  const look = useMutation({ mutationFn: resolveReference })
  const fetchIt = useMutation({ mutationFn: startPull, onSuccess: onDone })
  const ask = (kind = into) => {
    if (reference.trim()) look.mutate({ reference: reference.trim(), into: kind })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    ask()
  }
  const code = look.error instanceof ApiError ? look.error.code : ''
  const choosing = code === 'choose' || into !== ''
  return (
    <>
      <form onSubmit={submit} className="flex items-end gap-2">
        <Field
          label={t('Link, repository or well-known name')}
          className="flex-1"
          help={t(
            'For instance an address that ends in .safetensors, owner/repository, or a name from Find.',
          )}
        >
          {({ id, describedBy }) => (
            <Input
              id={id}
              aria-describedby={describedBy}
              value={reference}
              autoFocus
              onChange={(next) => {
                setReference(next)
                look.reset()
              }}
              placeholder="https://…"
            />
          )}
        </Field>
        <Button
          type="submit"
          look={look.data ? 'plain' : 'primary'}
          disabled={!reference.trim() || look.isPending}
        >
          {look.isPending ? t('Asking…') : t('Look it up')}
        </Button>
      </form>
      {choosing ? (
        <Field label={t('What kind of model it is')}>
          {({ id }) => (
            <Select
              id={id}
              value={into || BY_ITSELF}
              onChange={(next) => {
                const kind = next === BY_ITSELF ? '' : next
                setInto(kind)
                ask(kind)
              }}
              choices={[
                { value: BY_ITSELF, label: t('What its header says') },
                ...kindChoices((folders?.kinds ?? []).map((entry) => entry.kind)),
              ]}
            />
          )}
        </Field>
      ) : null}
      {look.error ? (
        <PullTrouble code={code} message={messageOf(look.error)} onRetry={() => ask()} onFolder={undefined} />
      ) : null}
      {fetchIt.error ? <PullTrouble code="" message={messageOf(fetchIt.error)} /> : null}
      {look.data ? (
        <PlanView
          plan={look.data}
          busy={fetchIt.isPending}
          onFetch={(agreed) => fetchIt.mutate({ reference: reference.trim(), into, agreed })}
        />
      ) : null}
      {look.data || look.error ? null : (
        <p className="text-label text-faint">
          {t(
            'The server asks the source for name, size and licence. Nothing is fetched before you have seen them.',
          )}
        </p>
      )}
    </>
  )
}
