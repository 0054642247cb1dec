import { lazy, Suspense } from 'react'
import { FieldControl } from '@/form/field-control'
import { completeField } from '@/form/field-values'
import { shownNumber, t } from '@/i18n/text'
import { Disclosure } from '@/ui/disclosure'
import { type AdvancedField, type AdvancedGroup, advancedGroups } from './advanced-fields'
import type { RecipeForm } from './use-recipe'

/** Groups with more than plain fields; fetched when they are opened. */
const OWN: Record<string, React.LazyExoticComponent<(props: { form: RecipeForm }) => React.ReactNode>> = {
  refine: lazy(() => import('./refine-fields')),
  output: lazy(() => import('./format-fields')),
}

/** What is seldom changed, in groups. A folded group says what in it is not as usual. */
export const AdvancedGroups = ({ form }: { form: RecipeForm }) =>
  advancedGroups(form.task).map((group) => <Group key={group.id} group={group} form={form} />)

function Group({ group, form }: { group: AdvancedGroup; form: RecipeForm }) {
  const fields = group.fields.filter((field) => !field.elsewhere && (form.has(field.role) || field.remakes))
  const Own = OWN[group.id]
  if (fields.length === 0 && !Own) return null
  const changed = group.fields.filter((field) => isChanged(field, form))
  return (
    <Disclosure
      name={`create.${group.id}`}
      title={
        <>
          {group.title}
          {changed.length > 0 ? (
            <>
              <span
                aria-hidden="true"
                className="ms-2 inline-block size-1.5 rounded-full bg-accent align-middle"
              />
              <span className="sr-only">{t('changed')}</span>
            </>
          ) : null}
        </>
      }
      summary={changed.map((field) => `${field.label} ${shownValue(form.value(field.role, ''))}`).join(' · ')}
    >
      {Own ? (
        <Suspense fallback={null}>
          <Own form={form} />
        </Suspense>
      ) : null}
      {fields.map((field) => (
        <AdvancedControl key={field.role} field={field} form={form} />
      ))}
    </Disclosure>
  )
}

function AdvancedControl({ field, form }: { field: AdvancedField; form: RecipeForm }) {
  const places = form.workflow.extra?.studio?.roles?.[field.role] ?? []
  const complete = completeField(form.workflow, form.definitions, {
    kind: 'field',
    id: field.role,
    label: field.label,
    help: field.help,
    places,
    control: field.control,
  })
  return (
    <FieldControl
      field={complete}
      value={form.value(field.role, field.usual?.(form.model))}
      onChange={(value) =>
        field.remakes
          ? void form.remake({ values: { [field.role]: value }, label: field.label })
          : form.set(field.role, value, field.label)
      }
    />
  )
}

function isChanged(field: AdvancedField, form: RecipeForm): boolean {
  const usual = field.usual?.(form.model)
  const value = form.value<unknown>(field.role, undefined)
  return usual !== undefined && value !== undefined && value !== usual
}

const shownValue = (value: unknown): string =>
  typeof value === 'number' ? shownNumber(value, { maximumFractionDigits: 2 }) : String(value)
