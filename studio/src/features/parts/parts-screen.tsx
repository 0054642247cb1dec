import { Brush, Download, Images, Plus, Star, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { Button, IconButton } from '@/ui/button'
import { Checkbox } from '@/ui/checkbox'
import { Chip } from '@/ui/chip'
import { Combobox } from '@/ui/combobox'
import { Dialog } from '@/ui/dialog'
import { Disclosure } from '@/ui/disclosure'
import { EmptyState } from '@/ui/empty-state'
import { ErrorNote } from '@/ui/error-note'
import { Field } from '@/ui/field'
import { Input, Textarea } from '@/ui/input'
import { Keys } from '@/ui/keys'
import { Menu } from '@/ui/menu'
import { NumberInput } from '@/ui/number-input'
import { Progress } from '@/ui/progress'
import { ScreenHeader } from '@/ui/screen-frame'
import { Segmented } from '@/ui/segmented'
import { Select } from '@/ui/select'
import { Slider } from '@/ui/slider'
import { Switch } from '@/ui/switch'
import { toast } from '@/ui/toasts'
import { ValueParts } from './value-parts'

const CHOICES = ['euler', 'heun', 'dpmpp_2m', 'ddim']

/** Every part of the interface in every state, to be looked at. */
export default function PartsScreen() {
  return (
    <div className="flex h-full flex-col">
      <ScreenHeader title={t('Parts')} actions={<Button look="primary">{t('Primary')}</Button>}>
        <Input aria-label={t('Search')} placeholder={t('Search')} className="max-w-64" />
      </ScreenHeader>
      <div className="min-h-0 flex-1 overflow-auto p-6 max-sm:p-4">
        <div className="grid gap-6 lg:grid-cols-3 md:grid-cols-2">
          <Buttons />
          <Choosing />
          <Writing />
          <ValueParts />
          <Saying />
          <Layers />
        </div>
      </div>
    </div>
  )
}

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="flex flex-col gap-3 rounded-card border bg-surface p-4">
    <h2 className="text-section font-semibold">{title}</h2>
    {children}
  </section>
)

const Row = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-wrap items-center gap-2">{children}</div>
)

function Buttons() {
  const [starred, setStarred] = useState(true)
  return (
    <Section title={t('Buttons')}>
      <Row>
        <Button look="primary">{t('Primary')}</Button>
        <Button>{t('Plain')}</Button>
        <Button look="quiet">{t('Quiet')}</Button>
        <Button look="danger">{t('Danger')}</Button>
      </Row>
      <Row>
        <Button look="primary" disabled>
          {t('Primary')}
        </Button>
        <Button disabled>{t('Plain')}</Button>
        <Button look="quiet" disabled>
          {t('Quiet')}
        </Button>
        <Button icon={<Plus size={16} />}>{t('With icon')}</Button>
      </Row>
      <Row>
        <Button small>{t('Small')}</Button>
        <Button small look="quiet">
          {t('Small')}
        </Button>
        <IconButton label={t('Star')} pressed={starred} onClick={() => setStarred(!starred)}>
          <Star size={16} />
        </IconButton>
        <IconButton label={t('Download')} look="plain" keys="Mod+D">
          <Download size={16} />
        </IconButton>
        <IconButton label={t('Delete')} disabled>
          <Trash2 size={16} />
        </IconButton>
        <Keys keys="Mod+Shift+Enter" />
      </Row>
      <Row>
        <Badge>{t('plain')}</Badge>
        <Badge tone="accent">{t('accent')}</Badge>
        <Badge tone="ok">{t('done')}</Badge>
        <Badge tone="warn">{t('slow')}</Badge>
        <Badge tone="err">{t('failed')}</Badge>
        <Badge tone="info">{t('cached')}</Badge>
      </Row>
    </Section>
  )
}

function Choosing() {
  const [segment, setSegment] = useState<'text' | 'image' | 'inpaint'>('text')
  const [chosen, setChosen] = useState('euler')
  const [on, setOn] = useState(true)
  return (
    <Section title={t('Choosing')}>
      <Segmented
        label={t('Task')}
        value={segment}
        onChange={setSegment}
        segments={[
          { value: 'text', label: t('Text') },
          { value: 'image', label: t('Image') },
          { value: 'inpaint', label: t('Inpaint'), disabled: true },
        ]}
      />
      <Field label={t('Sampler')} help={t('Which way the noise is walked down.')}>
        {(ids) => (
          <Select {...ids} value={chosen} onChange={setChosen} choices={CHOICES} label={t('Sampler')} />
        )}
      </Field>
      <Field label={t('Model')} error={t('This model is not here any more.')}>
        {({ id, describedBy, invalid }) => (
          <Combobox
            id={id}
            describedBy={describedBy}
            invalid={invalid}
            label={t('Model')}
            value={chosen}
            onChange={setChosen}
            choices={CHOICES.map((value) => ({ value, detail: t('a second line') }))}
          />
        )}
      </Field>
      <Field label={t('Tiled decoding')} inline>
        {({ id }) => <Switch id={id} checked={on} onChange={setOn} label={t('Tiled decoding')} />}
      </Field>
      <Row>
        <Checkbox checked={on} onChange={setOn}>
          {t('Ticked')}
        </Checkbox>
        <Checkbox checked="indeterminate" onChange={() => undefined}>
          {t('Some')}
        </Checkbox>
        <Checkbox checked={false} onChange={() => undefined} disabled>
          {t('Disabled')}
        </Checkbox>
      </Row>
      <Row>
        <Chip chosen onClick={() => undefined}>
          1:1
        </Chip>
        <Chip onClick={() => undefined}>4:3</Chip>
        <Chip onRemove={() => undefined}>{t('a tag')}</Chip>
      </Row>
    </Section>
  )
}

function Writing() {
  const [text, setText] = useState(t('a red apple on a blue background'))
  return (
    <Section title={t('Writing')}>
      <Field label={t('Prompt')} aside={<span className="tabular">8 / 77</span>}>
        {({ id, describedBy }) => (
          <Textarea id={id} aria-describedby={describedBy} value={text} onChange={setText} />
        )}
      </Field>
      <Field label={t('Name')} error={t('There is a workflow of this name already.')}>
        {({ id, describedBy, invalid }) => (
          <Input
            id={id}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            value={text}
            onChange={setText}
          />
        )}
      </Field>
      <Field label={t('Disabled')}>{({ id }) => <Input id={id} value={text} disabled />}</Field>
    </Section>
  )
}

function Saying() {
  return (
    <Section title={t('Saying')}>
      <Progress value={0.62} label={t('Progress')} />
      <Progress label={t('Progress')} />
      <ErrorNote
        title={t('The model does not fit into memory.')}
        actions={
          <>
            <Button small>{t('Smaller picture')}</Button>
            <Button small>{t('Unload models')}</Button>
          </>
        }
      >
        {t('It needs 9.4 GB and 6.1 GB are free.')}
      </ErrorNote>
      <EmptyState
        icon={<Images />}
        title={t('No pictures yet')}
        actions={<Button look="primary">{t('Make one')}</Button>}
      >
        {t('Everything you make is kept here.')}
      </EmptyState>
      <Row>
        <Button small onClick={() => toast({ text: t('Saved.'), tone: 'ok' })}>
          {t('Notice')}
        </Button>
        <Button small onClick={() => toast({ text: t('It was not saved: the disk is full.'), tone: 'err' })}>
          {t('Error')}
        </Button>
      </Row>
    </Section>
  )
}

function Layers() {
  const [open, setOpen] = useState(false)
  const [value, setValue] = useState(7)
  return (
    <Section title={t('Layers and groups')}>
      <Disclosure name="parts.closed" title={t('Closed group')} summary={t('euler, 20 steps')}>
        <p className="text-muted">{t('Nothing here.')}</p>
      </Disclosure>
      <Disclosure name="parts.open" title={t('Open group')} open>
        <Field label={t('Guidance')}>
          {({ id }) => (
            <Slider
              id={id}
              label={t('Guidance')}
              value={value}
              onChange={setValue}
              min={1}
              max={20}
              step={0.5}
            />
          )}
        </Field>
        <Field label={t('Steps')} inline>
          {({ id }) => <NumberInput id={id} value={value} onChange={setValue} whole className="w-24" />}
        </Field>
      </Disclosure>
      <Row>
        <Button onClick={() => setOpen(true)}>{t('Open a dialog')}</Button>
        <Menu
          trigger={<Button>{t('Open a menu')}</Button>}
          entries={[
            {
              label: t('Edit on canvas'),
              icon: <Brush size={16} />,
              keys: 'Mod+E',
              onSelect: () => undefined,
            },
            {
              label: t('Not now'),
              disabled: true,
              reason: t('There is no picture.'),
              onSelect: () => undefined,
            },
            'line',
            { label: t('Delete'), icon: <Trash2 size={16} />, danger: true, onSelect: () => undefined },
          ]}
        />
      </Row>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t('Save over a newer file?')}
        description={t('Somebody saved this workflow while you worked on it.')}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>{t('Keep theirs')}</Button>
            <Button look="primary" onClick={() => setOpen(false)}>
              {t('Keep mine')}
            </Button>
          </>
        }
      />
    </Section>
  )
}
