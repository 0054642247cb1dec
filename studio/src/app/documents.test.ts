import { beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyWorkflow } from '@/doc/workflow'
import {
  closeDocument,
  edit,
  isChanged,
  markSaved,
  openDocument,
  redo,
  undo,
  useDocuments,
} from './documents'

const now = (id: string) => useDocuments.getState().open[id]!
const name = (id: string, text: string, merge = '') =>
  edit(id, { label: `name ${text}`, merge }, (draft) => {
    draft.extra = { ...draft.extra, name: text }
  })

beforeEach(() => useDocuments.setState({ open: {}, order: [], active: '' }))

describe('editing', () => {
  it('can be undone and done again, step by step', () => {
    const id = openDocument({ workflow: emptyWorkflow() })
    name(id, 'one')
    name(id, 'two')
    expect(undo(id)).toBe('name two')
    expect(now(id).workflow.extra?.name).toBe('one')
    expect(undo(id)).toBe('name one')
    expect(now(id).workflow).toEqual(emptyWorkflow())
    expect(undo(id)).toBe('')
    expect(redo(id)).toBe('name one')
    expect(redo(id)).toBe('name two')
    expect(redo(id)).toBe('')
    expect(now(id).workflow.extra?.name).toBe('two')
  })

  it('of one field within a pause is one step', () => {
    vi.useFakeTimers()
    const id = openDocument()
    for (const text of ['a', 'ap', 'apple']) {
      name(id, text, 'field')
      vi.advanceTimersByTime(100)
    }
    vi.advanceTimersByTime(2000)
    name(id, 'apples', 'field')
    expect(now(id).past).toHaveLength(2)
    undo(id)
    expect(now(id).workflow.extra?.name).toBe('apple')
    undo(id)
    expect(now(id).workflow.extra?.name).toBeUndefined()
    vi.useRealTimers()
  })

  it('anew forgets what was undone, and what changes nothing is no step', () => {
    const id = openDocument()
    name(id, 'one')
    undo(id)
    name(id, 'other')
    expect(redo(id)).toBe('')
    edit(id, { label: 'nothing' }, () => undefined)
    expect(now(id).past).toHaveLength(1)
  })

  it('keeps two hundred steps', () => {
    const id = openDocument()
    for (let step = 0; step < 250; step += 1) name(id, String(step))
    expect(now(id).past).toHaveLength(200)
  })
})

describe('a document', () => {
  it('is changed until it is saved, and undoing past that changes it again', () => {
    const id = openDocument()
    expect(isChanged(now(id))).toBe(false)
    name(id, 'one')
    expect(isChanged(now(id))).toBe(true)
    markSaved(id, 'workflows/portrait.json', 'tag')
    expect(now(id)).toMatchObject({ title: 'portrait', path: 'workflows/portrait.json', tag: 'tag' })
    expect(isChanged(now(id))).toBe(false)
    undo(id)
    expect(isChanged(now(id))).toBe(true)
  })

  it('that is closed gives its place to its neighbour', () => {
    const [first, second, third] = [openDocument(), openDocument(), openDocument()]
    expect(useDocuments.getState().active).toBe(third)
    closeDocument(third!)
    expect(useDocuments.getState().active).toBe(second)
    closeDocument(first!)
    expect(useDocuments.getState()).toMatchObject({ active: second, order: [second] })
  })
})
