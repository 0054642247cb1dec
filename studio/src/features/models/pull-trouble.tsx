import { KeyRound } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Input } from '@/ui/input'
import { Select } from '@/ui/select'
import { keepToken, messageOf } from './model-actions'

export interface PullTroubleProps {
  code: string
  message: string
  onRetry?: () => void
  onAgree?: () => void
  onFolder?: () => void
}

/** Why a model could not be had, in words of ours where the code is known, with the next step. */
export function PullTrouble({ code, message, onRetry, onAgree }: PullTroubleProps) {
  return (
    <ErrorNote
      title={titleOf(code)}
      actions={
        <>
          {code === 'agree' && onAgree ? <Button onClick={onAgree}>{t('I agree, fetch it')}</Button> : null}
          {code === 'gated' ? <TokenForm onDone={onRetry} /> : null}
          {onRetry && code !== 'gated' && code !== 'agree' && code !== 'choose' ? (
            <Button onClick={onRetry}>{t('Try again')}</Button>
          ) : null}
        </>
      }
    >
      {message || (code === 'offline' ? t('The server does not answer.') : null)}
    </ErrorNote>
  )
}

const TITLES: Record<string, () => string> = {
  gated: () => t('Its source wants to know who asks.'),
  gone: () => t('There is no such file any more.'),
  busy: () => t('The source asks to come back later.'),
  unreachable: () => t('The source does not answer. Is this machine online?'),
  refused: () => t('This is not taken from there.'),
  wrong_hash: () => t('What came is not what was announced.'),
  wrong_file: () => t('What came is no model.'),
  no_space: () => t('There is not enough room on the disk.'),
  exists: () => t('There is another file of this name.'),
  agree: () => t('It needs your consent.'),
  choose: () => t('Choose what kind of model it is.'),
  unknown: () => t('Nobody knows this name.'),
  offline: () => t('No connection to the server.'),
}

const titleOf = (code: string): string => TITLES[code]?.() ?? t('It cannot be had.')

/** Asks for a token; it goes to the server, stays there, and is never shown again. */
function TokenForm({ onDone }: { onDone?: () => void }) {
  const [service, setService] = useState('huggingface')
  const [token, setToken] = useState('')
  const [failed, setFailed] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    keepToken(service, token).then(
      () => onDone?.(),
      (error) => setFailed(messageOf(error)),
    )
  }
  return (
    <form onSubmit={submit} className="flex w-full flex-col gap-2">
      <p className="text-label text-muted">
        {t(
          'Accept the licence on its page, then give a token of your account there. It stays on the server and is never shown again.',
        )}
      </p>
      <div className="flex flex-wrap gap-2">
        <Select
          label={t('Service')}
          value={service}
          onChange={setService}
          className="!w-40"
          choices={[
            { value: 'huggingface', label: 'Hugging Face' },
            { value: 'civitai', label: 'CivitAI' },
          ]}
        />
        <Input
          type="password"
          aria-label={t('Token')}
          placeholder={t('Token')}
          value={token}
          onChange={setToken}
          className="!w-auto min-w-40 flex-1"
        />
        <Button type="submit" disabled={!token.trim()} icon={<KeyRound size={16} aria-hidden="true" />}>
          {t('Keep and try again')}
        </Button>
      </div>
      {failed ? <p className="text-label text-err">{failed}</p> : null}
    </form>
  )
}
