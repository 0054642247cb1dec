/** What somebody put into the form of an app stays in this browser: only what differs from what the app begins with. */
import { produce } from 'immer'
import { useEffect } from 'react'
import { documentId } from '@/app/app-documents'
import { useDocuments } from '@/app/documents'
import { type App, fieldsIn, openedApp } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import { parseExact } from '@/doc/exact-numbers'
import { type FormField, formOf } from '@/doc/form'
import type { Workflow } from '@/doc/workflow'
import { readField, writeField } from '@/form/field-values'

interface Kept {
  version: number
  values: Record<string, unknown>
}

const PAUSE = 400
const placeOf = (app: string): string => `limner.app.${app}`

/** What of a workflow's fields is not as the app begins with. */
export function changedValues(
  fields: readonly FormField[],
  first: Workflow,
  now: Workflow,
  definitions: Definitions,
): Record<string, unknown> {
  const changed = fields.flatMap((field) => {
    const value = readField(now, definitions, field)
    const same = JSON.stringify(value) === JSON.stringify(readField(first, definitions, field))
    return same || value === undefined ? [] : [[field.id, value] as const]
  })
  return Object.fromEntries(changed)
}

/** A workflow with values in its fields; those of fields that are gone are left. */
export const withValues = (
  workflow: Workflow,
  fields: readonly FormField[],
  values: Record<string, unknown>,
  definitions: Definitions,
): Workflow =>
  produce(workflow, (draft) => {
    for (const field of fields)
      if (Object.hasOwn(values, field.id)) writeField(draft, definitions, field, values[field.id])
  })

/** An app as it was left in this browser, unless another version of it was published since. */
export function leftApp(app: App, definitions: Definitions): Workflow {
  const first = openedApp(app, definitions)
  try {
    const kept = parseExact(localStorage.getItem(placeOf(app.name)) ?? 'null') as Kept | null
    if (kept?.version !== app.version) return first
    return withValues(first, fieldsIn(formOf(first, definitions).elements), kept.values, definitions)
  } catch {
    return first
  }
}

/** Keeps the values of an app while it is open. */
export function useKeptValues(app: App, definitions: Definitions): void {
  useEffect(() => {
    const id = documentId(app.name)
    const first = openedApp(app, definitions)
    const fields = fieldsIn(formOf(first, definitions).elements)
    let timer: ReturnType<typeof setTimeout> | undefined
    let written = useDocuments.getState().open[id]?.workflow
    const write = () => {
      clearTimeout(timer)
      const now = useDocuments.getState().open[id]?.workflow
      if (!now || now === written) return
      written = now
      keep(app, changedValues(fields, first, now, definitions))
    }
    const stop = useDocuments.subscribe(({ open }) => {
      if (open[id]?.workflow === written) return
      clearTimeout(timer)
      timer = setTimeout(write, PAUSE)
    })
    addEventListener('pagehide', write)
    return () => {
      stop()
      write()
      removeEventListener('pagehide', write)
    }
  }, [app, definitions])
}

function keep(app: App, values: Record<string, unknown>): void {
  try {
    if (Object.keys(values).length === 0) localStorage.removeItem(placeOf(app.name))
    else
      localStorage.setItem(placeOf(app.name), JSON.stringify({ version: app.version, values } satisfies Kept))
  } catch {
    // The browser keeps nothing: the values last as long as the page.
  }
}
