import { type FormEvent, useState } from 'react'
import { t } from '@/i18n/text'
import { ApiError } from '@/net/api'
import { Button } from '@/ui/button'
import { Checkbox } from '@/ui/checkbox'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { signIn } from './session'

/** Asks for a key where the server takes nobody without one. */
export function SignIn() {
  const [key, setKey] = useState('')
  const [lasting, setLasting] = useState(true)
  const [failed, setFailed] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    try {
      await signIn(key.trim(), lasting)
      location.reload()
    } catch (error) {
      const wrong = error instanceof ApiError && error.status === 401
      setFailed(
        wrong
          ? t('This key is not taken. It may be mistyped, expired, or taken back.')
          : (error as Error).message,
      )
      setBusy(false)
    }
  }
  return (
    <main className="flex h-full items-center justify-center overflow-auto p-6">
      <form
        onSubmit={submit}
        className="flex w-full max-w-sm flex-col gap-4 rounded-dialog border bg-surface p-6 shadow-menu"
      >
        <img src="/studio/mark.svg" alt="" className="size-10" />
        <div>
          <h1 className="text-title font-semibold">{t('Sign in')}</h1>
          <p className="mt-1 text-body text-muted">
            {t('This server asks for a key. Whoever runs it makes one with “limner keys create”.')}
          </p>
        </div>
        <Field label={t('Key')} error={failed}>
          {({ id, describedBy, invalid }) => (
            <Input
              id={id}
              type="password"
              autoComplete="current-password"
              aria-describedby={describedBy}
              aria-invalid={invalid || undefined}
              autoFocus
              value={key}
              onChange={(next) => {
                setKey(next)
                setFailed('')
              }}
              placeholder="lk_…"
            />
          )}
        </Field>
        <Checkbox checked={lasting} onChange={setLasting}>
          {t('Stay signed in in this browser')}
        </Checkbox>
        <Button type="submit" look="primary" disabled={!key.trim() || busy}>
          {busy ? t('Signing in…') : t('Sign in')}
        </Button>
      </form>
    </main>
  )
}
