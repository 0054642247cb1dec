import { Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Chip } from '@/ui/chip'
import { Field } from '@/ui/field'
import { Input, Textarea } from '@/ui/input'
import { toast } from '@/ui/toasts'
import { messageOf, writeCard } from './model-actions'
import type { ModelCard, ModelDetails } from './model-data'
import { RecommendedSettings } from './recommended-settings'

/** What people write about a model: kept on the server when a field is left. */
export function ModelNotes({ details }: { details: ModelDetails }) {
  const [card, setCard] = useState<ModelCard>(details.card)
  const save = (change: ModelCard) => {
    setCard({ ...card, ...change })
    writeCard(details.kind, details.name, change).catch((error) =>
      toast({ text: messageOf(error), tone: 'err' }),
    )
  }
  return (
    <section aria-label={t('Notes')} className="flex flex-col gap-3 border-t pt-4">
      <Field label={t('Title')}>
        {({ id }) => (
          <Line
            id={id}
            value={card.title ?? ''}
            placeholder={details.title}
            onSave={(title) => save({ title })}
          />
        )}
      </Field>
      <Triggers
        words={card.triggers?.length ? card.triggers : details.triggers}
        onChange={(triggers) => save({ triggers })}
      />
      <RecommendedSettings
        details={details}
        settings={card.settings ?? {}}
        onChange={(settings) => save({ settings })}
      />
      <Field label={t('Notes')}>
        {({ id }) => <Notes id={id} value={card.notes ?? ''} onSave={(notes) => save({ notes })} />}
      </Field>
    </section>
  )
}

function Line({
  value,
  onSave,
  ...rest
}: {
  id: string
  value: string
  placeholder?: string
  onSave: (value: string) => void
}) {
  const [text, setText] = useState(value)
  return (
    <Input {...rest} value={text} onChange={setText} onBlur={() => text !== value && onSave(text.trim())} />
  )
}

function Notes({ id, value, onSave }: { id: string; value: string; onSave: (value: string) => void }) {
  const [text, setText] = useState(value)
  return (
    <Textarea
      id={id}
      value={text}
      onChange={setText}
      lines={[3, 12]}
      placeholder={t('What it is good for, what to mind')}
      onBlur={() => text !== value && onSave(text)}
    />
  )
}

function Triggers({ words, onChange }: { words: string[]; onChange: (words: string[]) => void }) {
  const [text, setText] = useState('')
  const add = (event: FormEvent) => {
    event.preventDefault()
    const fresh = text
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean)
    if (fresh.length === 0) return
    onChange([...new Set([...words, ...fresh])])
    setText('')
  }
  return (
    <div className="flex flex-col gap-2">
      <Field
        label={t('Trigger words')}
        help={t('Words that a prompt needs so that the model does what it was made for.')}
      >
        {({ id }) => (
          <form onSubmit={add} className="flex gap-2">
            <Input id={id} value={text} onChange={setText} placeholder={t('Add words')} />
            <IconButton type="submit" label={t('Add words')} look="plain" disabled={!text.trim()}>
              <Plus size={16} />
            </IconButton>
          </form>
        )}
      </Field>
      {words.length > 0 ? (
        <div className="flex flex-wrap gap-1.5">
          {words.map((word) => (
            <Chip
              key={word}
              removeLabel={t('Remove {{word}}', { word })}
              onRemove={() => onChange(words.filter((other) => other !== word))}
            >
              {word}
            </Chip>
          ))}
        </div>
      ) : null}
    </div>
  )
}
