import { describe, expect, it } from 'vitest'
import type { Comparison } from './comparisons'
import { asCsv, asJson, quoted } from './export'
import { standingOf } from './use-cells'

const comparison = {
  id: 'c',
  title: 'T',
  created: 0,
  document: 'd',
  base: { nodes: [], links: [], last_node_id: 0, last_link_id: 0 },
  axes: [
    {
      label: 'Steps',
      role: 'sampler.steps',
      places: [],
      values: [1, 2].map((value) => ({ label: `${value}`, value })),
    },
    { label: 'Prompt', role: '', places: [], values: [{ label: 'a, "b"', value: 'a, "b"' }] },
    null,
    null,
  ],
  view: [0, 1, 2, 3],
  cells: {
    '0.0.0.0': { job: 'j', files: [{ filename: 'x.png', subfolder: 's', type: 'output' }], starred: true },
    '1.0.0.0': { job: 'gone', files: [] },
  },
  stopped: false,
} as unknown as Comparison

describe('a comparison as files', () => {
  const { cells } = standingOf(comparison, [])

  it('is a table with what spreadsheets need quoted', async () => {
    const lines = (await asCsv(comparison, cells).text()).trim().split('\r\n')
    expect(lines[0]!.replace('\ufeff', '')).toBe('Steps,Prompt,state,starred,file')
    expect(lines[1]).toBe('1,"a, ""b""",succeeded,yes,s/x.png')
    expect(lines[2]).toBe('2,"a, ""b""",gone,no,')
    expect(quoted('=1+1')).toBe("'=1+1")
    expect(quoted('-1.5')).toBe('-1.5')
  })

  it('is JSON with its values and files', async () => {
    const told = JSON.parse(await asJson(comparison, cells).text())
    expect(told.cells[0]).toMatchObject({ values: [1, 'a, "b"'], state: 'succeeded', starred: true })
    expect(told.axes).toHaveLength(2)
  })
})

it('knows what was not asked for, and what the server has', () => {
  const rows = [{ id: 'gone', state: 'running', outputs: [], error: null, expected: 3 }] as never
  const standing = standingOf({ ...comparison, cells: { '1.0.0.0': comparison.cells['1.0.0.0']! } }, rows)
  expect(standing).toMatchObject({ total: 2, missing: 1, running: 1, left: 3 })
})
