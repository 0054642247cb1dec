import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { forgetApp } from '@/app/app-documents'
import { goTo } from '@/app/navigation'
import { APPS, declarationOf, useApp, withForm } from '@/app/saved-apps'
import { useSession } from '@/app/session'
import { appName } from '@/doc/input-names'
import { t } from '@/i18n/text'
import { putJson } from '@/net/api'
import { thumbUrl } from '@/net/files'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNote } from '@/ui/error-note'
import { Field } from '@/ui/field'
import { Input, Textarea } from '@/ui/input'
import { Segmented } from '@/ui/segmented'
import { toast } from '@/ui/toasts'
import type { Building } from './builder-state'
import { carriedPicture } from './carried-picture'
import type { Finding } from './checks'
import { isPicture, useMade } from './results'

export interface PublishDialogProps {
  open: boolean
  onClose: () => void
  building: Building
  title: string
  /** The app that is changed; empty: a new one. */
  name: string
  findings: Finding[]
}

/** Names the app and puts it among all apps. */
export function PublishDialog(props: PublishDialogProps) {
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t('Publish the app')} size="medium">
      {props.open ? <PublishForm {...props} /> : null}
    </Dialog>
  )
}

function PublishForm({ onClose, building, title: first, name: known, findings }: PublishDialogProps) {
  const queries = useQueryClient()
  const { data: app } = useApp(known)
  const [title, setTitle] = useState(known ? first : first === 'Untitled' ? '' : first)
  const [description, setDescription] = useState(app?.description ?? '')
  const [tags, setTags] = useState((app?.tags ?? []).join(', '))
  const made = useMade(building.document).filter(({ file }) => isPicture(file))
  const [chosen, setPicture] = useState<string>()
  const picture = chosen ?? (app?.picture || (made[0] ? thumbUrl(made[0].file, 512) : ''))
  const accounts = useSession(({ session }) => session?.accounts === true)
  const [shared, share] = useState(app?.shared === true)
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const formId = useId()
  const name = known && !app?.builtin && app?.mine !== false ? known : appName(title)
  const publish = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    try {
      await putJson(`/apps/${name}`, {
        workflow: withForm(building.workflow, building.form),
        declaration: {
          title,
          description,
          picture: shared && accounts ? await everybodysPicture(picture) : picture,
          shared,
          tags: tags
            .split(',')
            .map((tag) => tag.trim())
            .filter(Boolean),
          ...declarationOf(building.workflow, building.definitions, building.form),
        },
      })
      forgetApp(name)
      await queries.invalidateQueries({ queryKey: APPS })
      onClose()
      goTo('apps', name)
      toast({ text: t('{{title}} is an app now.', { title }), tone: 'ok' })
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error))
      setBusy(false)
    }
  }
  return (
    <form id={formId} onSubmit={(event) => void publish(event)} className="flex flex-col gap-4">
      <Field label={t('Name')}>
        {({ id }) => <Input id={id} value={title} onChange={setTitle} required maxLength={80} autoFocus />}
      </Field>
      <Field label={t('Description')} help={t('One sentence: what it makes of what.')}>
        {({ id }) => <Textarea id={id} value={description} onChange={setDescription} lines={[2, 5]} />}
      </Field>
      <Field label={t('Tags')} help={t('Words that it is found by, separated by commas.')}>
        {({ id }) => <Input id={id} value={tags} onChange={setTags} />}
      </Field>
      {accounts ? (
        <Field
          label={t('Who may see it')}
          help={t(
            'Others see the form and the workflow, and run it as themselves. They cannot change yours.',
          )}
        >
          {() => (
            <Segmented
              label={t('Who may see it')}
              value={shared ? 'all' : 'me'}
              onChange={(who) => share(who === 'all')}
              segments={[
                { value: 'me', label: t('Only me') },
                { value: 'all', label: t('Everyone on this server') },
              ]}
            />
          )}
        </Field>
      ) : null}
      <Pictures made={made.map(({ file }) => thumbUrl(file, 512))} chosen={picture} onChoose={setPicture} />
      {findings.length > 0 ? (
        <ErrorNote title={t('Some fields need a look')}>
          <ul>
            {findings.slice(0, 4).map((finding) => (
              <li key={finding.field + finding.message}>{finding.message}</li>
            ))}
          </ul>
        </ErrorNote>
      ) : null}
      {fault ? <ErrorNote title={t('It was not published.')}>{fault}</ErrorNote> : null}
      <div className="flex items-center gap-2">
        <p className="min-w-0 flex-1 truncate text-label text-muted">
          {title ? t('Its address: {{address}}', { address: `/studio/apps/${name}` }) : ''}
        </p>
        <Button type="button" onClick={onClose}>
          {t('Cancel')}
        </Button>
        <Button type="submit" look="primary" disabled={busy || !title.trim()}>
          {t('Publish')}
        </Button>
      </div>
    </form>
  )
}

const CARD = 480

/** A picture that others see, too: one of the author's own files is theirs alone, so a small copy goes along. */
const everybodysPicture = (url: string): Promise<string> =>
  url.startsWith('/') ? carriedPicture(url, CARD).catch(() => '') : Promise.resolve(url)

function Pictures({
  made,
  chosen,
  onChoose,
}: {
  made: string[]
  chosen: string
  onChoose: (url: string) => void
}) {
  const all = [...new Set([chosen, ...made])].filter(Boolean).slice(0, 8)
  if (all.length === 0)
    return <p className="text-label text-muted">{t('Run it once, and what it made can be its picture.')}</p>
  return (
    <fieldset>
      <legend className="mb-1 text-label font-medium text-muted">{t('Picture')}</legend>
      <div className="flex flex-wrap gap-2">
        {all.map((url, at) => (
          <button
            key={url}
            type="button"
            aria-pressed={url === chosen}
            aria-label={t('Picture {{number}}', { number: at + 1 })}
            onClick={() => onChoose(url === chosen ? '' : url)}
            className="size-16 overflow-hidden rounded-control border aria-pressed:border-accent aria-pressed:outline-1 aria-pressed:outline-accent"
          >
            <img src={url} alt="" className="size-full object-cover" />
          </button>
        ))}
      </div>
    </fieldset>
  )
}
