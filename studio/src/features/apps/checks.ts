/** What is wrong with a form: fields that lead nowhere, and nothing that comes out. */

import { fieldsIn } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import type { Form, FormField } from '@/doc/form'
import { candidatesOf } from '@/doc/infer-form'
import { trace } from '@/doc/roles'
import { findNode } from '@/doc/widgets'
import type { Place, Workflow } from '@/doc/workflow'
import { t } from '@/i18n/text'

export interface Finding {
  /** The field it is about; empty: the whole form. */
  field: string
  message: string
  /** Places that the field most likely meant. */
  relink?: Place[]
}

export function checkForm(workflow: Workflow, definitions: Definitions, form: Form): Finding[] {
  const found = trace(workflow, definitions)
  const reached = new Set(candidatesOf(found).flatMap((candidate) => candidate.places.map(keyOf)))
  const ids = new Set(fieldsIn(form.elements).map((field) => field.id))
  const findings = fieldsIn(form.elements).flatMap((field): Finding[] => {
    const finding = checkField(workflow, field, reached, ids)
    if (!finding) return []
    const relink = field.role ? rolePlaces(found.roles, field.role) : undefined
    return [{ ...finding, ...(relink?.length ? { relink } : {}) }]
  })
  if (form.outputs.length === 0)
    findings.push({ field: '', message: t('Nothing comes out: tick an output.') })
  else if (!form.outputs.some((id) => findNode(workflow, id)))
    findings.push({ field: '', message: t('The outputs that were ticked are gone.') })
  return findings
}

const keyOf = (place: Place): string => `${place.node}\n${place.widget}`

/** A size has two roles. */
function rolePlaces(roles: Record<string, Place[]>, role: string): Place[] {
  if (role !== 'size') return roles[role] ?? []
  const heights = roles['size.height'] ?? []
  return (roles['size.width'] ?? []).flatMap((width, at) =>
    heights[at] ? [width, heights[at] as Place] : [],
  )
}

function checkField(
  workflow: Workflow,
  field: FormField,
  reached: Set<string>,
  ids: Set<string>,
): Finding | undefined {
  const first = field.places[0]
  const say = (message: string): Finding => ({ field: field.id, message })
  if (!first) return say(t('This field leads nowhere.'))
  const node = findNode(workflow, first.node)
  if (!node) return say(t('The node that this field belongs to is gone.'))
  if (typeof node.inputs?.find((slot) => slot.name === first.widget)?.link === 'number')
    return say(t('A link gives this value now; the field changes nothing.'))
  if (!reached.has(keyOf(first))) return say(t('This value does not reach any output.'))
  if (field.showIf && !ids.has(field.showIf.field)) return say(t('It waits for a field that is gone.'))
  return undefined
}
