import {
  Copy,
  EllipsisVertical,
  ExternalLink,
  FileCheck2,
  ImageOff,
  ImagePlus,
  Trash2,
  TriangleAlert,
} from 'lucide-react'
import { useRef } from 'react'
import { goTo } from '@/app/navigation'
import { shownAge, shownBytes, shownNumber, t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { IconButton } from '@/ui/button'
import { Disclosure } from '@/ui/disclosure'
import { ErrorNote } from '@/ui/error-note'
import { Menu } from '@/ui/menu'
import { toast } from '@/ui/toasts'
import { kindTitle } from './kinds'
import { givePicture, removeModel, verifyModel } from './model-actions'
import { keyOf, type ModelDetails, type ModelEntry, useModelDetails } from './model-data'
import { titleOf } from './model-names'
import { ModelNotes } from './model-notes'
import { ModelPicture } from './model-picture'

/** All that is known of one file, and what can be done with it. */
export function ModelDetailsView({ entry, onGone }: { entry: ModelEntry; onGone: () => void }) {
  const { data: details } = useModelDetails(entry.kind, entry.name)
  return (
    <article aria-label={titleOf(entry)} className="flex flex-col gap-4 p-4">
      <ModelPicture
        model={entry}
        large
        className={entry.picture ? 'aspect-[16/10] w-full shrink-0' : 'h-24 w-full shrink-0'}
      />
      <header className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="text-section font-semibold break-words">{titleOf(entry)}</h2>
          <p className="text-label break-all text-faint">{entry.name}</p>
        </div>
        <Actions entry={entry} onGone={onGone} />
      </header>
      <div className="flex flex-wrap gap-1.5">
        <Badge tone="accent">{kindTitle(entry.kind)}</Badge>
        {entry.builtin ? <Badge>{t('Built in')}</Badge> : null}
        {entry.family ? <Badge>{entry.family_title}</Badge> : null}
        {entry.precision ? <Badge>{entry.precision}</Badge> : null}
        {entry.format === 'pickle' ? (
          <Badge tone="warn" icon={<TriangleAlert size={12} aria-hidden="true" />}>
            {t('May be a pickle')}
          </Badge>
        ) : null}
      </div>
      {entry.problem ? <ErrorNote title={t('This file is not whole.')}>{entry.problem}</ErrorNote> : null}
      <Figures entry={entry} />
      {details ? <ModelNotes key={keyOf(entry)} details={details} /> : null}
      {details && details.workflows.length > 0 ? <Workflows details={details} /> : null}
      {details ? <Said details={details} /> : null}
    </article>
  )
}

function Actions({ entry, onGone }: { entry: ModelEntry; onGone: () => void }) {
  const input = useRef<HTMLInputElement>(null)
  const removed = async () => {
    if (await removeModel(entry.kind, entry.name)) onGone()
  }
  const foreign = !entry.own && !entry.builtin
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="image/*"
        className="sr-only"
        tabIndex={-1}
        aria-label={t('Picture of the model')}
        onChange={(event) => {
          const file = event.target.files?.[0]
          if (file) void givePicture(entry.kind, entry.name, file)
        }}
      />
      <Menu
        align="end"
        trigger={
          <IconButton label={t('What can be done with it')}>
            <EllipsisVertical size={16} />
          </IconButton>
        }
        entries={[
          {
            label: t('Copy its name'),
            icon: <Copy size={16} />,
            onSelect: () => void copy(entry.name),
          },
          {
            label: t('Choose a picture'),
            icon: <ImagePlus size={16} />,
            onSelect: () => input.current?.click(),
          },
          {
            label: t('Remove its picture'),
            icon: <ImageOff size={16} />,
            disabled: !entry.picture,
            reason: t('It has none.'),
            onSelect: () => void givePicture(entry.kind, entry.name, null),
          },
          {
            label: t('Check the file'),
            icon: <FileCheck2 size={16} />,
            disabled: entry.builtin,
            reason: t('It is part of the program.'),
            onSelect: () => void verifyModel(entry.kind, entry.name),
          },
          'line',
          {
            label: t('Move to the trash'),
            icon: <Trash2 size={16} />,
            danger: true,
            disabled: entry.builtin || foreign,
            reason: foreign
              ? t('It is in another program’s folder; remove it there.')
              : t('It is part of the program.'),
            onSelect: () => void removed(),
          },
        ]}
      />
    </>
  )
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast({ text: t('Copied.'), tone: 'ok' })
  } catch {
    toast({ text: t('The browser did not allow copying.'), tone: 'warn' })
  }
}

function Figures({ entry }: { entry: ModelEntry }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-body">
      <Figure name={t('Size')}>{shownBytes(entry.size)}</Figure>
      {entry.parameters ? (
        <Figure name={t('Parameters')}>
          {shownNumber(entry.parameters, { notation: 'compact', maximumFractionDigits: 1 })}
        </Figure>
      ) : null}
      <Figure name={t('Licence')}>{entry.licence || t('not stated')}</Figure>
      <Figure name={t('Source')}>
        <Source entry={entry} />
      </Figure>
      <Figure name={t('Used')}>
        {entry.jobs > 0
          ? t('{{count}} times, last {{age}}', { count: entry.jobs, age: shownAge(entry.last_used * 1000) })
          : t('not yet')}
      </Figure>
      {entry.sha256 ? (
        <Figure name="SHA-256">
          <button
            type="button"
            title={entry.sha256}
            onClick={() => void copy(entry.sha256)}
            className="max-w-full truncate rounded-small font-mono text-label hover:text-accent"
            aria-label={t('Copy the digest {{digest}}', { digest: entry.sha256.slice(0, 12) })}
          >
            {entry.sha256.slice(0, 16)}…
          </button>
        </Figure>
      ) : null}
    </dl>
  )
}

const Figure = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <>
    <dt className="text-muted">{name}</dt>
    <dd className="min-w-0 text-end break-words">{children}</dd>
  </>
)

function Source({ entry }: { entry: ModelEntry }) {
  const address = entry.page || (/^https?:/.test(entry.source) ? entry.source : entry.url)
  if (address && /^https?:/.test(address))
    return (
      <a
        href={address}
        target="_blank"
        rel="noreferrer noopener"
        className="inline-flex max-w-full items-center gap-1 text-accent hover:underline"
      >
        <span className="truncate">{entry.source || new URL(address).host}</span>
        <ExternalLink size={12} className="shrink-0" aria-hidden="true" />
      </a>
    )
  return <>{entry.source || (entry.builtin ? t('part of the program') : t('not known'))}</>
}

function Workflows({ details }: { details: ModelDetails }) {
  return (
    <Disclosure
      name="models.workflows"
      title={t('In {{count}} workflows', { count: details.workflows.length })}
    >
      <ul className="flex flex-col gap-1">
        {details.workflows.slice(0, 50).map((path) => (
          <li key={path} className="truncate text-body text-muted">
            {path.replace(/\.json$/, '')}
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="self-start text-body text-accent hover:underline"
        onClick={() => goTo('graph')}
      >
        {t('Open the graph editor')}
      </button>
    </Disclosure>
  )
}

function Said({ details }: { details: ModelDetails }) {
  const texts = Object.entries(details.said.metadata ?? {})
  if (texts.length === 0) return null
  return (
    <Disclosure name="models.said" title={t('What the file says of itself')} summary={String(texts.length)}>
      <dl className="flex flex-col gap-2">
        {texts.map(([name, text]) => (
          <div key={name}>
            <dt className="text-label break-all text-faint">{name}</dt>
            <dd
              className="max-h-40 overflow-auto text-body break-words whitespace-pre-wrap"
              tabIndex={text.length > 300 ? 0 : undefined}
            >
              {text}
            </dd>
          </div>
        ))}
      </dl>
    </Disclosure>
  )
}
