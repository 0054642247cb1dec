/** Runs an app on a part of the canvas: the picture goes to the server, into the app's field, and results are staged. */
import { produce } from 'immer'
import { edit, useDocuments } from '@/app/documents'
import { type Refused, run, useRefusals } from '@/app/run'
import type { Definitions } from '@/doc/definitions'
import type { Form, FormField } from '@/doc/form'
import { advanceSeeds, NEXT_SEED } from '@/doc/seeds'
import { readField, writeField } from '@/form/field-values'
import { inputName, uploadInput } from '@/net/files'
import { alphaCanvas } from '../box/box-contents'
import { stagingOf } from '../staging/staging'
import type { CanvasSession } from '../state/session'
import { alphaOfSource, fileOfSource, rectOfSource, type SourceKind } from './app-source'

export interface AppWish {
  session: CanvasSession
  source: SourceKind
  /** Id of the app's open document. */
  document: string
  title: string
  form: Form
  /** The field that takes the picture. */
  field: FormField
  definitions: Definitions
}

/** Resolves to why it was not queued, or to null. */
export async function runApp(wish: AppWish): Promise<Refused | null> {
  const { session, source, document, field, definitions } = wish
  await session.settled()
  const rect = rectOfSource(session, source)
  const app = useDocuments.getState().open[document]
  if (!rect || !app) return null
  const [file, alpha] = await Promise.all([
    fileOfSource(session, source, rect).then((blob) => uploadInput(blob, `${source}.png`, 'canvas')),
    alphaOfSource(session, source, rect),
  ])
  const workflow = produce(app.workflow, (draft) => writeField(draft, definitions, field, inputName(file)))
  const targets = wish.form.outputs.filter((id) => /^\d+$/.test(id))
  const jobs = await run(session.document, { workflow, targets, title: wish.title })
  const refused = useRefusals.getState().refused[session.document]
  // The app's form shows what is wrong at its fields.
  useRefusals.setState((state) => {
    const { [document]: _, ...others } = state.refused
    return { refused: refused ? { ...others, [document]: refused } : others }
  })
  if (jobs.length === 0) return refused ?? null
  edit(document, { label: NEXT_SEED, silent: true }, () => advanceSeeds(app.workflow))
  stagingOf(session).begin(jobs, rect, alpha && alphaCanvas(alpha))
  return null
}

/** The label of the first field that must be filled and is not, but for the picture's. */
export function missingField(
  document: string,
  fields: readonly FormField[],
  picture: FormField,
  definitions: Definitions,
): string {
  const workflow = useDocuments.getState().open[document]?.workflow
  const empty = fields.find((field) => {
    if (!workflow || !field.required || field.id === picture.id) return false
    const value = readField(workflow, definitions, field)
    return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
  })
  return empty?.label ?? ''
}
