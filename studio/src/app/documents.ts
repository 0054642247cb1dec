/**
 * Open documents: one workflow each, edited by Create, Canvas and Graph alike, with undo of everything.
 *
 * Every change goes through `edit`; its patches are the undo stack. Files and the queue are never touched here.
 */
import { applyPatches, enablePatches, type Patch, produceWithPatches } from 'immer'
import { create } from 'zustand'
import { emptyWorkflow, type Workflow } from '@/doc/workflow'

enablePatches()

const DEPTH = 200
/** Changes of the same kind within this time are one step. */
const MERGE_MILLISECONDS = 600

interface Step {
  label: string
  merge: string
  at: number
  redo: Patch[]
  undo: Patch[]
}

export interface OpenDocument {
  id: string
  title: string
  /** Path below the user's workflows once it was saved there; empty before. */
  path: string
  /** Tag of the saved file that this was read from or written to. */
  tag: string
  workflow: Workflow
  past: Step[]
  future: Step[]
  /** Counts changes; `saved` is its value when the file was written. */
  revision: number
  saved: number
  /** When it was last changed, for the list of drafts. */
  touched: number
}

export interface NewDocument {
  workflow?: Workflow
  title?: string
  path?: string
  tag?: string
  /** Brings back an open document of this id. */
  id?: string
  dirty?: boolean
}

interface Documents {
  open: Record<string, OpenDocument>
  order: string[]
  active: string
}

export const useDocuments = create<Documents>(() => ({ open: {}, order: [], active: '' }))

/** The document that Create, Canvas and Graph show, or undefined while there is none. */
export const useActiveDocument = (): OpenDocument | undefined =>
  useDocuments((state) => state.open[state.active])

export const activeDocument = (): OpenDocument | undefined => {
  const { open, active } = useDocuments.getState()
  return open[active]
}

/** Opens a workflow in a tab of its own and shows it; returns the document's id. */
export function openDocument(given: NewDocument = {}): string {
  const id =
    given.id ?? crypto.randomUUID?.() ?? `document-${Date.now()}-${Math.random().toString(36).slice(2)}`
  const document: OpenDocument = {
    id,
    title: given.title || 'Untitled',
    path: given.path ?? '',
    tag: given.tag ?? '',
    workflow: given.workflow ?? emptyWorkflow(),
    past: [],
    future: [],
    revision: given.dirty ? 1 : 0,
    saved: 0,
    touched: Date.now(),
  }
  useDocuments.setState((state) => ({
    open: { ...state.open, [id]: document },
    order: state.order.includes(id) ? state.order : [...state.order, id],
    active: id,
  }))
  return id
}

export const showDocument = (id: string): void =>
  useDocuments.setState((state) => (state.open[id] ? { active: id } : state))

/** Closes a tab; its draft stays in the list of drafts. */
export function closeDocument(id: string): void {
  useDocuments.setState((state) => {
    const order = state.order.filter((other) => other !== id)
    const { [id]: _, ...open } = state.open
    const beside = order[Math.max(0, state.order.indexOf(id) - 1)] ?? ''
    return { open, order, active: state.active === id ? beside : state.active }
  })
}

export interface Edit {
  /** What was done, for "Undo: ...". */
  label: string
  /** Successive edits with the same mark within a pause are one step: a field being typed into, a drag. */
  merge?: string
  /** Leaves no step (a node's run state, a derived size). */
  silent?: boolean
}

/** Changes a document's workflow. `change` works on a draft (Immer) or returns another workflow. */
export function edit(
  id: string,
  { label, merge = '', silent = false }: Edit,
  change: (draft: Workflow) => Workflow | void,
): void {
  useDocuments.setState((state) => {
    const document = state.open[id]
    if (!document) return state
    const [workflow, redo, undo] = produceWithPatches(document.workflow, change as (draft: Workflow) => void)
    if (redo.length === 0) return state
    const next = silent
      ? { ...document, workflow }
      : { ...document, workflow, ...pushed(document, { label, merge, at: Date.now(), redo, undo }) }
    return { open: { ...state.open, [id]: { ...next, touched: Date.now() } } }
  })
}

function pushed(document: OpenDocument, step: Step): Pick<OpenDocument, 'past' | 'future' | 'revision'> {
  const last = document.past.at(-1)
  const joins =
    last !== undefined &&
    step.merge !== '' &&
    last.merge === step.merge &&
    step.at - last.at < MERGE_MILLISECONDS
  const past = joins
    ? [
        ...document.past.slice(0, -1),
        { ...step, redo: [...last.redo, ...step.redo], undo: [...step.undo, ...last.undo] },
      ]
    : [...document.past, step].slice(-DEPTH)
  return { past, future: [], revision: document.revision + 1 }
}

/** Takes the last step back; returns its label, or an empty text if there was none. */
export function undo(id: string): string {
  const document = useDocuments.getState().open[id]
  const step = document?.past.at(-1)
  if (!document || !step) return ''
  replace(id, {
    workflow: applyPatches(document.workflow, step.undo),
    past: document.past.slice(0, -1),
    future: [...document.future, { ...step, merge: '' }],
    revision: document.revision + 1,
  })
  return step.label
}

/** Does the last step that was taken back again; returns its label. */
export function redo(id: string): string {
  const document = useDocuments.getState().open[id]
  const step = document?.future.at(-1)
  if (!document || !step) return ''
  replace(id, {
    workflow: applyPatches(document.workflow, step.redo),
    past: [...document.past, { ...step, merge: '' }],
    future: document.future.slice(0, -1),
    revision: document.revision + 1,
  })
  return step.label
}

/** Says that a document was written to a file: as it is, or as it was at a revision. */
export function markSaved(id: string, path: string, tag: string, revision?: number): void {
  const document = useDocuments.getState().open[id]
  if (document) replace(id, { path, tag, title: titleOf(path), saved: revision ?? document.revision })
}

export const renameDocument = (id: string, title: string): void => replace(id, { title })

export const isChanged = (document: OpenDocument): boolean => document.revision !== document.saved

const titleOf = (path: string): string => (path.split('/').at(-1) ?? path).replace(/(\.app)?\.json$/i, '')

function replace(id: string, change: Partial<OpenDocument>): void {
  useDocuments.setState((state) => {
    const document = state.open[id]
    return document
      ? { open: { ...state.open, [id]: { ...document, ...change, touched: Date.now() } } }
      : state
  })
}
