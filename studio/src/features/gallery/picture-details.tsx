import { useQuery } from '@tanstack/react-query'
import { BookCopy, Copy, Star } from 'lucide-react'
import { useEffect, useState } from 'react'
import { sendTo } from '@/app/intents'
import { type Recalled, wantedValues } from '@/app/recall'
import { shownBytes, shownDate, t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Combobox } from '@/ui/combobox'
import { Disclosure } from '@/ui/disclosure'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { toast } from '@/ui/toasts'
import { changePictures, type Details, facetsQuery, workflowQuery } from './pictures'
import { SettingsTable } from './settings-table'
import { TagField } from './tag-field'

/** All that is known of a picture, and what people say of it. */
export function PictureDetails({ picture }: { picture: Details }) {
  const made = Object.keys(picture.settings).length > 0
  return (
    <div className="flex flex-col gap-6 p-4 pb-8">
      {made ? <Again picture={picture} /> : null}
      <Said picture={picture} />
      {made ? <SettingsTable settings={picture.settings} /> : null}
      <Facts picture={picture} />
      {picture.infotext || picture.workflow ? <Raw picture={picture} /> : null}
    </div>
  )
}

const recalls = (): [Recalled, string][] => [
  ['all', t('All')],
  ['remix', t('Remix')],
  ['prompt', t('Prompt')],
  ['seed', t('Seed')],
  ['size', t('Size')],
  ['model', t('Model')],
]

function Again({ picture }: { picture: Details }) {
  const file = { ...picture.file, media: `${picture.media}s` }
  const has = (wanted: Recalled) => Object.keys(wantedValues(picture.settings, wanted)).length > 0
  return (
    <section className="flex flex-col gap-3">
      <Button
        look="primary"
        icon={<BookCopy size={16} aria-hidden="true" />}
        onClick={() => sendTo('create', 'vary', { file })}
      >
        {t('Make four more like it')}
      </Button>
      <div>
        <h3 className="mb-1 text-label font-medium text-muted">{t('Recall into Create')}</h3>
        <div className="flex flex-wrap gap-1">
          {recalls().map(([wanted, label]) => (
            <Button
              key={wanted}
              small
              disabled={!has(wanted)}
              onClick={() =>
                sendTo('create', 'use-settings', { values: wantedValues(picture.settings, wanted), wanted })
              }
            >
              {label}
            </Button>
          ))}
        </div>
      </div>
    </section>
  )
}

const STARS = [1, 2, 3, 4, 5]

function Said({ picture }: { picture: Details }) {
  const { data } = useQuery(facetsQuery())
  const [alt, setAlt] = useState(picture.own_alt)
  useEffect(() => setAlt(picture.own_alt), [picture.own_alt])
  const change = (wish: Parameters<typeof changePictures>[1]) => void changePictures([picture.id], wish)
  return (
    <section aria-label={t('What you say of it')} className="flex flex-col gap-3">
      <div className="flex items-center gap-1">
        <span className="me-auto text-label font-medium text-muted">{t('Rating')}</span>
        {STARS.map((stars) => (
          <button
            key={stars}
            type="button"
            aria-pressed={picture.rating >= stars}
            aria-label={t('{{count}} stars', { count: stars })}
            onClick={() => change({ rating: picture.rating === stars ? 0 : stars })}
            className="flex size-6 items-center justify-center rounded-small hover:bg-hover pointer-coarse:size-11"
          >
            <Star
              size={16}
              strokeWidth={1.5}
              aria-hidden="true"
              className={classes(picture.rating >= stars ? 'fill-current text-warn' : 'text-faint')}
            />
          </button>
        ))}
      </div>
      <Field label={t('Board')}>
        {({ id }) => (
          <Combobox
            id={id}
            label={t('Board')}
            value={picture.board}
            onChange={(board) => change({ board })}
            choices={[
              { value: '', label: t('No board') },
              ...(data?.boards ?? []).map(({ name }) => ({ value: name, label: name })),
            ]}
          />
        )}
      </Field>
      <div>
        <h3 className="mb-1 text-label font-medium text-muted">{t('Tags')}</h3>
        <TagField
          tags={picture.tags}
          onAdd={(tag) => change({ add_tags: [tag] })}
          onRemove={(tag) => change({ remove_tags: [tag] })}
        />
      </div>
      <Field label={t('Alternative text')} help={t('What a screen reader says instead of the picture.')}>
        {({ id }) => (
          <Input
            id={id}
            value={alt}
            placeholder={picture.alt.slice(0, 80)}
            onChange={setAlt}
            onBlur={() => alt !== picture.own_alt && change({ alt })}
          />
        )}
      </Field>
    </section>
  )
}

function Facts({ picture }: { picture: Details }) {
  const facts: [string, string][] = [
    [t('File'), [picture.file.subfolder, picture.file.filename].filter(Boolean).join('/')],
    ...(picture.width ? ([[t('Pixels'), `${picture.width} × ${picture.height}`]] as [string, string][]) : []),
    [t('Bytes'), shownBytes(picture.bytes)],
    [t('Made'), shownDate(picture.created)],
  ]
  return (
    <section>
      <h3 className="mb-1 text-label font-medium text-muted">{t('File')}</h3>
      <dl className="flex flex-col gap-1">
        {facts.map(([name, value]) => (
          <div key={name} className="flex gap-3">
            <dt className="w-16 shrink-0 text-body text-muted">{name}</dt>
            <dd className="min-w-0 flex-1 text-body break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Raw({ picture }: { picture: Details }) {
  return (
    <section className="flex flex-col gap-1">
      {picture.infotext ? (
        <Disclosure
          name="gallery.infotext"
          title={t('As text')}
          aside={<CopyButton text={picture.infotext} />}
        >
          <pre className="max-h-64 overflow-auto rounded-control border bg-bg p-2 font-mono text-label break-words whitespace-pre-wrap">
            {picture.infotext}
          </pre>
        </Disclosure>
      ) : null}
      {picture.workflow ? (
        <Disclosure name="gallery.workflow" title={t('Workflow')}>
          <Workflow id={picture.id} />
        </Disclosure>
      ) : null}
    </section>
  )
}

const LONGEST = 60_000

function Workflow({ id }: { id: string }) {
  const { data, error } = useQuery(workflowQuery(id))
  if (error) return <p className="text-body text-muted">{error.message}</p>
  if (!data) return null
  const text = JSON.stringify(data.workflow ?? data.prompt, null, 1)
  return (
    <div className="relative">
      <span className="absolute end-1 top-1">
        <CopyButton text={text} />
      </span>
      <pre className="max-h-96 overflow-auto rounded-control border bg-bg p-2 pe-9 font-mono text-caption">
        {text.slice(0, LONGEST)}
      </pre>
    </div>
  )
}

const CopyButton = ({ text }: { text: string }) => (
  <IconButton
    label={t('Copy')}
    small
    onClick={() =>
      void navigator.clipboard
        .writeText(text)
        .then(() => toast({ text: t('Copied.'), tone: 'ok' }))
        .catch(() => toast({ text: t('The browser does not let this page copy.'), tone: 'err' }))
    }
  >
    <Copy size={14} />
  </IconButton>
)
