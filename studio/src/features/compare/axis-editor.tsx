import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import type { AxisProblem } from '@/doc/axes'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Combobox } from '@/ui/combobox'
import { Field } from '@/ui/field'
import { Textarea } from '@/ui/input'
import { Segmented } from '@/ui/segmented'
import { type AxisDraft, readDraft } from './plan'
import type { AxisTarget } from './targets'

export const SLOT_NAMES = [
  () => t('Across'),
  () => t('Down'),
  () => t('Page by page'),
  () => t('Inside each cell'),
] as const

export interface AxisEditorProps {
  slot: number
  draft: AxisDraft
  targets: AxisTarget[]
  onChange: (draft: AxisDraft) => void
  onRemove: () => void
}

const SHOWN = 8

/** One axis: what changes along it, and to which values. */
export function AxisEditor({ slot, draft, targets, onChange, onRemove }: AxisEditorProps) {
  const target = targets.find((one) => one.id === draft.target)
  const result = target && draft.text.trim() ? readDraft(draft, target) : undefined
  const choices = target?.range.kind === 'choice' ? target.range.choices : undefined
  const isText = target?.range.kind === 'text'
  const append = (value: string) => {
    const mark = draft.text.includes('||') || value.includes(',') ? ' || ' : ', '
    onChange({ ...draft, text: draft.text.trim() ? `${draft.text.trim()}${mark}${value}` : value })
  }
  return (
    <fieldset
      aria-label={SLOT_NAMES[slot]!()}
      className="flex min-w-0 flex-col gap-2 rounded-card border bg-raised p-3"
    >
      <div className="flex items-center gap-2">
        <span className="flex-1 text-label font-semibold text-muted">{SLOT_NAMES[slot]!()}</span>
        <IconButton small label={t('Remove this axis')} onClick={onRemove}>
          <X size={14} />
        </IconButton>
      </div>
      <Combobox
        label={t('What changes')}
        placeholder={t('What changes…')}
        value={draft.target}
        onChange={(id) => onChange({ target: id, mode: 'values', text: '' })}
        choices={targets.map((one) => ({
          value: one.id,
          label: one.label,
          group: one.group || t('Settings'),
        }))}
      />
      {isText ? (
        <Segmented
          label={t('How')}
          value={draft.mode}
          onChange={(mode) => onChange({ ...draft, mode })}
          segments={[
            { value: 'values', label: t('Texts') },
            { value: 'replace', label: t('Replace') },
            { value: 'permute', label: t('Orders') },
          ]}
        />
      ) : null}
      {target ? (
        <Field
          label={t('Values')}
          help={helpOf(target, draft)}
          error={result?.problem ? problemText(result.problem) : undefined}
          aside={result?.values.length ? t('{{count}} values', { count: result.values.length }) : null}
        >
          {(ids) => (
            <Textarea
              id={ids.id}
              aria-describedby={ids.describedBy}
              aria-invalid={ids.invalid || undefined}
              lines={[1, 6]}
              value={draft.text}
              placeholder={exampleOf(target, draft)}
              onChange={(text) => onChange({ ...draft, text })}
            />
          )}
        </Field>
      ) : null}
      {choices ? <Picker choices={choices.map(String)} onPick={append} /> : null}
      {result?.values.length && (target?.range.kind !== 'text' || draft.mode !== 'values') ? (
        <p className="text-label break-words text-faint tabular">
          {result.values
            .slice(0, SHOWN)
            .map((value) => value.label)
            .join(' · ')}
          {result.values.length > SHOWN ? ' …' : ''}
        </p>
      ) : null}
    </fieldset>
  )
}

function Picker({ choices, onPick }: { choices: string[]; onPick: (value: string) => void }) {
  const [key, setKey] = useState(0)
  return (
    <Combobox
      key={key}
      label={t('Add from the list')}
      placeholder={t('Add from the list…')}
      value=""
      onChange={(value) => {
        onPick(value)
        setKey(key + 1)
      }}
      choices={choices}
    />
  )
}

/** A button for an axis that is not there yet. */
export const AddAxis = ({ slot, onAdd }: { slot: number; onAdd: () => void }) => (
  <button
    type="button"
    onClick={onAdd}
    className="flex min-h-control items-center gap-2 rounded-card border border-dashed px-3 text-body text-muted hover:bg-hover hover:text-text"
  >
    <Plus size={14} aria-hidden="true" />
    {SLOT_NAMES[slot]!()}
  </button>
)

function helpOf(target: AxisTarget, draft: AxisDraft) {
  if (draft.mode === 'replace')
    return t('The first word is looked for in the text and replaced by each of the others: cat, dog, fox.')
  if (draft.mode === 'permute') return t('These words of the text are put in every order.')
  if (target.range.kind === 'choice')
    return t('Names with commas between them; * stands for anything: euler*, dpm*.')
  if (target.range.kind === 'text')
    return t('Texts with commas between them, or with || where they have commas.')
  if (target.range.kind === 'switch') return t('on, off, or * for both.')
  return t('1, 2, 3 · 1, 2, .., 10 · 1-10 (+3) by steps · 0.1-0.9 [5] five of them, evenly.')
}

function exampleOf(target: AxisTarget, draft: AxisDraft): string {
  if (draft.mode === 'replace') return 'cat, dog, fox'
  if (draft.mode === 'permute') return 'red, round, old'
  const { kind, choices } = target.range
  if (kind === 'choice') return choices?.slice(0, 3).join(', ') ?? ''
  if (kind === 'text') return t('one text || another text')
  if (kind === 'switch') return '*'
  const now = Number(target.value)
  if (kind === 'whole')
    return Number.isFinite(now) && now < 1000 ? `${now}, ${now + 4}, .., ${now + 12}` : '1, 2, 3'
  return Number.isFinite(now)
    ? `${now}, ${Number((now + 0.5).toFixed(2))}, ${Number((now + 1).toFixed(2))}`
    : '0.5-1 [3]'
}

const TEXTS: Record<AxisProblem['code'], (token: string) => string> = {
  empty: () => t('Write at least one value.'),
  number: (token) => t('{{token}} is no number and no range of numbers.', { token }),
  whole: (token) => t('{{token}} must be a whole number.', { token }),
  range: (token) => t('{{token}} is outside of what is allowed here.', { token }),
  step: (token) =>
    t('{{token}} needs a step that leads to its end, such as (+0.1), or a count, such as [5].', { token }),
  count: (token) => t('{{token}} must have at least one value.', { token }),
  dots: () => t('Before .. there must be two numbers, and one after it that their step leads to.'),
  choice: (token) => t('Nothing, or more than one thing, is called {{token}}.', { token }),
  switch: (token) => t('{{token}} is neither on nor off.', { token }),
  many: (token) => t('{{token}} makes too many values.', { token }),
  absent: (token) => t('{{token}} is not in the text.', { token }),
  few: () => t('At least two words are needed.'),
}

export const problemText = (problem: AxisProblem): string => TEXTS[problem.code](problem.token)
