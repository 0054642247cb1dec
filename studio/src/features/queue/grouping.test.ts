import { describe, expect, it } from 'vitest'
import type { JobRow } from '@/net/queue'
import { entriesOf, idsOf, placeBefore, reordered, sectionsOf } from './grouping'

const row = (id: string, more: Partial<JobRow> = {}): JobRow =>
  ({ id, state: 'waiting', title: id, group: '', group_title: '', outputs: [], ...more }) as JobRow

describe('entries', () => {
  it('fold what was asked for together where its first job stands', () => {
    const entries = entriesOf([row('a'), row('b', { group: 'g' }), row('c'), row('d', { group: 'g' })])
    expect(entries.map((entry) => entry.id)).toEqual(['a', 'group:g', 'c'])
    expect(idsOf(entries[1]!)).toEqual(['b', 'd'])
  })

  it('leave groups of one as they are', () => {
    expect(entriesOf([row('a', { group: 'g' })])[0]!.kind).toBe('job')
  })

  it('know before which job one is put', () => {
    const entries = entriesOf([row('a'), row('b', { group: 'g' }), row('c', { group: 'g' }), row('d')])
    expect(placeBefore(entries, 2, 1)).toBe('b')
    expect(placeBefore(entries, 0, 3)).toBeNull()
    expect(placeBefore(entries, 0, 1)).toBeUndefined()
    expect(placeBefore(entries, 1, 1)).toBeUndefined()
  })
})

it('rows are put before another, to the front, to the end', () => {
  const rows = ['a', 'b', 'c', 'd'].map((id) => row(id))
  const order = (ids: string[], before?: string | null) =>
    reordered(rows, ids, before)
      .map((entry) => entry.id)
      .join('')
  expect(order(['c', 'd'], 'b')).toBe('acdb')
  expect(order(['a'], null)).toBe('bcda')
  expect(order(['d'])).toBe('dabc')
  expect(order(['b'], 'gone')).toBe('acdb')
})

it('sections have what belongs in them, without what is leaving', () => {
  const rows = [
    row('r', { state: 'running' }),
    row('h', { state: 'held' }),
    row('l', { state: 'lost' }),
    row('s', { state: 'succeeded' }),
    row('i', { state: 'interrupted' }),
    row('x'),
  ]
  const sections = sectionsOf(rows, new Set(['x']))
  expect(Object.values(sections).map((list: JobRow[]) => list.map((entry) => entry.id))).toEqual([
    ['r'],
    ['h'],
    ['l'],
    ['s', 'i'],
  ])
})
