import { useMemo, useState } from 'react'
import { fieldsIn } from '@/app/saved-apps'
import { isOutputNode } from '@/doc/flow'
import { fieldAt } from '@/doc/form'
import { type Candidate, candidatesOf, inferForm } from '@/doc/infer-form'
import { spoken } from '@/doc/labels'
import { trace } from '@/doc/roles'
import { definitionAt, findNode, readPlace } from '@/doc/widgets'
import type { Place } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { Checkbox } from '@/ui/checkbox'
import { Input } from '@/ui/input'
import type { Building } from './builder-state'
import { freeId, removeElement } from './form-edits'

/** All values of the workflow that reach an output, by node, with a tick at those that the form shows. */
export function Outline({ building, onAdded }: { building: Building; onAdded: (id: string) => void }) {
  const { workflow, definitions } = building
  const found = useMemo(() => trace(workflow, definitions), [workflow, definitions])
  const [wanted, setWanted] = useState('')
  const nodes = useMemo(() => byNode(candidatesOf(found), wanted.toLowerCase()), [found, wanted])
  const outputs = useMemo(() => [...found.feeding.values()].filter(isOutputNode), [found])
  return (
    <div className="flex flex-col gap-4 p-4">
      <div>
        <h2 className="text-section font-semibold">{t('Values')}</h2>
        <p className="text-label text-muted">{t('Tick what people may change.')}</p>
      </div>
      <Input
        type="search"
        aria-label={t('Search values')}
        placeholder={t('Search values')}
        value={wanted}
        onChange={setWanted}
      />
      {[...nodes].map(([id, candidates]) => (
        <NodeValues key={id} node={id} candidates={candidates} building={building} onAdded={onAdded} />
      ))}
      {nodes.size === 0 ? <p className="text-body text-muted">{t('There is no such value.')}</p> : null}
      <fieldset className="border-t pt-3">
        <legend className="float-start mb-1 text-section font-semibold">{t('Outputs')}</legend>
        <div className="clear-both flex flex-col">
          {outputs.map((at) => (
            <Checkbox
              key={at.id}
              checked={building.form.outputs.includes(at.id)}
              onChange={(on) => building.changeOutputs(toggled(building.form.outputs, at.id, on))}
            >
              {at.node.title || at.definition?.title || at.node.type}
            </Checkbox>
          ))}
        </div>
      </fieldset>
    </div>
  )
}

const toggled = (ids: string[], id: string, on: boolean): string[] =>
  on ? [...ids.filter((other) => other !== id), id] : ids.filter((other) => other !== id)

function byNode(candidates: Candidate[], wanted: string): Map<string, Candidate[]> {
  const found = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    const place = candidate.places[0]
    if (!place) continue
    const words = `${candidate.label} ${place.widget} ${candidate.node.title ?? ''} ${candidate.node.type}`
    if (!words.toLowerCase().includes(wanted)) continue
    found.set(place.node, [...(found.get(place.node) ?? []), candidate])
  }
  return found
}

interface NodeValuesProps {
  node: string
  candidates: Candidate[]
  building: Building
  onAdded: (id: string) => void
}

function NodeValues({ node: id, candidates, building, onAdded }: NodeValuesProps) {
  const { workflow, definitions, form, change } = building
  const node = findNode(workflow, id)
  const title = node && (node.title || definitionAt(workflow, id, node, definitions)?.title || node.type)
  const shown = new Map(
    fieldsIn(form.elements).flatMap((field) => field.places.map((place) => [keyOf(place), field])),
  )
  const toggle = (place: Place, on: boolean) => {
    const known = shown.get(keyOf(place))
    if (!on) {
      if (known)
        change(
          t('Take {{label}} out of the form', { label: known.label }),
          removeElement(form.elements, known.id),
        )
      return
    }
    const field = proposed(building, place)
    if (!field) return
    const added = { ...field, id: freeId(form.elements, 'field') }
    change(t('Show {{label}} in the form', { label: added.label }), [...form.elements, added])
    onAdded(added.id)
  }
  return (
    <fieldset>
      <legend className="mb-1 max-w-full truncate text-label font-medium text-muted">{title}</legend>
      <div className="flex flex-col">
        {candidates.map(({ places: [place], label }) =>
          place ? (
            <div key={keyOf(place)} className="flex min-h-8 items-center gap-2 pointer-coarse:min-h-11">
              <Checkbox checked={shown.has(keyOf(place))} onChange={(on) => toggle(place, on)}>
                {label || spoken(place.widget)}
              </Checkbox>
              <span className="ms-auto max-w-[45%] truncate text-label text-faint">
                {worded(readPlace(workflow, definitions, place))}
              </span>
            </div>
          ) : null,
        )}
      </div>
    </fieldset>
  )
}

/** The field that would be proposed for a place: a size with both sides, a seed with what follows it. */
function proposed({ workflow, definitions }: Building, place: Place) {
  const inferred = fieldsIn(inferForm(workflow, definitions).elements)
  const known = inferred.find((field) => field.places.some((other) => keyOf(other) === keyOf(place)))
  if (!known) return fieldAt(workflow, definitions, place)
  const { advanced: _, ...field } = known
  return field
}

const keyOf = (place: Place): string => `${place.node}\n${place.widget}`

const worded = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)
