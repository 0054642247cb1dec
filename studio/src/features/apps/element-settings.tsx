import { edit } from '@/app/documents'
import { fieldsIn } from '@/app/saved-apps'
import type { Control, FormElement, FormField } from '@/doc/form'
import { FieldControl } from '@/form/field-control'
import { completeField, readField, writeField } from '@/form/field-values'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Field } from '@/ui/field'
import { Input, Textarea } from '@/ui/input'
import { Select } from '@/ui/select'
import { Switch } from '@/ui/switch'
import type { Building } from './builder-state'
import type { Finding } from './checks'
import { alikeControls, controlNames, elementNames } from './element-words'
import { changeElement, changeField, findElement, removeElement } from './form-edits'
import { PictureSettings } from './picture-settings'

/** Everything that can be said of the chosen element. */
export function ElementSettings({
  building,
  chosen,
  findings,
}: {
  building: Building
  chosen: string
  findings: Finding[]
}) {
  const element = findElement(building.form.elements, chosen)
  const own = findings.filter((finding) => (element ? finding.field === element.id : !finding.field))
  return (
    <div className="flex flex-col gap-4 p-4">
      <h2 className="text-section font-semibold">
        {element ? (element.kind === 'field' ? element.label : elementNames()[element.kind]) : t('Settings')}
      </h2>
      {own.map((finding) => (
        <Problem key={finding.message} finding={finding} building={building} />
      ))}
      {!element ? (
        <p className="text-body text-muted">
          {t('Choose an element of the form to change what it says and how it looks.')}
        </p>
      ) : null}
      {element?.kind === 'field' ? (
        <FieldSettings key={element.id} field={element} building={building} />
      ) : null}
      {element?.kind === 'picture' ? (
        <PictureSettings key={element.id} element={element} building={building} />
      ) : null}
      {element && element.kind !== 'field' ? <WordSettings element={element} building={building} /> : null}
    </div>
  )
}

function Problem({ finding, building }: { finding: Finding; building: Building }) {
  const { form, change } = building
  return (
    <ErrorNote
      title={finding.message}
      actions={
        finding.field ? (
          <>
            {finding.relink ? (
              <Button
                small
                onClick={() =>
                  change(t('Relink'), changeField(form.elements, finding.field, { places: finding.relink }))
                }
              >
                {t('Relink')}
              </Button>
            ) : null}
            <Button
              small
              onClick={() => change(t('Take out of the form'), removeElement(form.elements, finding.field))}
            >
              {t('Take out')}
            </Button>
          </>
        ) : undefined
      }
    />
  )
}

function WordSettings({ element, building }: { element: FormElement; building: Building }) {
  const { form, change } = building
  const key = 'text' in element ? 'text' : 'title'
  if (element.kind === 'divider' || element.kind === 'picture') return null
  const value =
    key === 'text' ? (element as { text: string }).text : ((element as { title?: string }).title ?? '')
  const write = (words: string) =>
    change(
      t('Change the words'),
      changeElement(form.elements, element.id, (one) => ({ ...one, [key]: words }) as FormElement),
      `words.${element.id}`,
    )
  return (
    <Field label={key === 'text' ? t('Text') : t('Title')}>
      {({ id }) =>
        element.kind === 'text' ? (
          <Textarea id={id} value={value} onChange={write} />
        ) : (
          <Input id={id} value={value} onChange={write} />
        )
      }
    </Field>
  )
}

function FieldSettings({ field, building }: { field: FormField; building: Building }) {
  const { form, change } = building
  const write = (part: Partial<FormField>, merge = '') =>
    change(
      t('Change {{label}}', { label: field.label }),
      changeField(form.elements, field.id, part),
      merge && `${merge}.${field.id}`,
    )
  return (
    <>
      <Field label={t('Label')}>
        {({ id }) => (
          <Input id={id} value={field.label} onChange={(label) => write({ label: label || ' ' }, 'label')} />
        )}
      </Field>
      <Field label={t('Help')} help={t('One sentence that is shown behind the question mark.')}>
        {({ id }) => (
          <Textarea
            id={id}
            lines={[1, 4]}
            value={field.help ?? ''}
            onChange={(help) => write({ help }, 'help')}
          />
        )}
      </Field>
      <Field label={t('Control')}>
        {({ id }) => (
          <Select
            id={id}
            value={field.control.type}
            onChange={(type) => write({ control: { ...field.control, type: type as Control['type'] } })}
            choices={alikeControls(field).map((type) => ({ value: type, label: controlNames()[type] }))}
          />
        )}
      </Field>
      <Limits field={field} onChange={(control) => write({ control }, 'limits')} />
      <BeginsWith field={field} building={building} />
      <Field label={t('Needed')} help={t('Run waits until there is something in this field.')} inline>
        {({ id }) => (
          <Switch
            id={id}
            checked={field.required === true}
            onChange={(on) => write({ required: on || undefined })}
          />
        )}
      </Field>
      <Field label={t('Advanced')} help={t('It is folded away until somebody opens it.')} inline>
        {({ id }) => (
          <Switch
            id={id}
            checked={field.advanced === true}
            onChange={(on) => write({ advanced: on || undefined })}
          />
        )}
      </Field>
      <ShowIf field={field} building={building} onChange={(showIf) => write({ showIf })} />
    </>
  )
}

const NUMBERS = new Set(['number', 'slider', 'both', 'stepper', 'dice', 'size'])

function Limits({ field, onChange }: { field: FormField; onChange: (control: Control) => void }) {
  if (!NUMBERS.has(field.control.type)) return null
  const write = (key: 'min' | 'max' | 'step', text: string) => {
    const { [key]: _, ...rest } = field.control
    const value = Number(text)
    onChange(text.trim() === '' || !Number.isFinite(value) ? rest : { ...rest, [key]: value })
  }
  const names = { min: t('Least'), max: t('Most'), step: t('Step') }
  return (
    <div className="grid grid-cols-3 gap-2">
      {(['min', 'max', 'step'] as const).map((key) => (
        <Field key={key} label={names[key]}>
          {({ id }) => (
            <Input
              id={id}
              inputMode="decimal"
              defaultValue={field.control[key] ?? ''}
              onBlur={(event) => write(key, event.target.value)}
              className="tabular"
            />
          )}
        </Field>
      ))}
    </div>
  )
}

/** The value that the field has now is the one that people begin with. */
function BeginsWith({ field, building }: { field: FormField; building: Building }) {
  const { workflow, definitions, document } = building
  const shown = { ...field, label: t('Begins with'), help: undefined } as FormField
  return (
    <FieldControl
      field={completeField(
        workflow,
        definitions,
        field.control.type === 'hidden' ? { ...shown, control: { ...field.control, type: 'line' } } : shown,
      )}
      value={readField(workflow, definitions, field)}
      onChange={(value) =>
        edit(document, { label: t('Change {{field}}', { field: field.label }), merge: field.id }, (draft) =>
          writeField(draft, definitions, field, value),
        )
      }
    />
  )
}

interface ShowIfProps {
  field: FormField
  building: Building
  onChange: (showIf: FormField['showIf']) => void
}

/** Shown only while another field has a value: a switch is on, a list has one of its choices. */
function ShowIf({ field, building, onChange }: ShowIfProps) {
  const { workflow, definitions, form } = building
  const others = fieldsIn(form.elements).filter(
    (other) =>
      other.id !== field.id &&
      ['switch', 'select', 'radio', 'searchable', 'cards'].includes(other.control.type),
  )
  if (others.length === 0 && !field.showIf) return null
  const source = others.find((other) => other.id === field.showIf?.field)
  const choices = source && completeField(workflow, definitions, source).control.choices
  const first = (id: string) => {
    const other = others.find((one) => one.id === id)
    return other?.control.type === 'switch' ? true : other && readField(workflow, definitions, other)
  }
  return (
    <>
      <Field label={t('Shown')}>
        {({ id }) => (
          <Select
            id={id}
            value={field.showIf?.field ?? 'always'}
            onChange={(value) =>
              onChange(value === 'always' ? undefined : { field: value, equals: first(value) })
            }
            choices={[
              { value: 'always', label: t('Always') },
              ...others.map((other) => ({
                value: other.id,
                label: t('If {{field}} is …', { field: other.label }),
              })),
            ]}
          />
        )}
      </Field>
      {source ? (
        <Field label={t('Value of {{field}}', { field: source.label })}>
          {({ id }) => (
            <Select
              id={id}
              value={String(field.showIf?.equals)}
              onChange={(value) =>
                onChange({
                  field: source.id,
                  equals: source.control.type === 'switch' ? value === 'true' : value,
                })
              }
              choices={
                source.control.type === 'switch'
                  ? [
                      { value: 'true', label: t('On') },
                      { value: 'false', label: t('Off') },
                    ]
                  : (choices ?? []).slice(0, 200)
              }
            />
          )}
        </Field>
      ) : null}
    </>
  )
}
