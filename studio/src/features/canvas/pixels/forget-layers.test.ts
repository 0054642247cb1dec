import 'fake-indexeddb/auto'
import { createStore, set } from 'idb-keyval'
import { beforeEach, expect, it } from 'vitest'
import { openDocument, useDocuments } from '@/app/documents'
import { editCanvas, insertLayer, newLayer } from '../state/canvas-document'
import { forgetUnknownLayers } from './forget-layers'
import { keepTiles, readTiles, stepStorage } from './layer-files'

const DAY = 86_400_000
const later = (days: number) => Date.now() + days * DAY
const keep = (id: string) => keepTiles(id, 'r1', new Map([['0,0', new Uint8Array([1])]]))
const layer = (id: string) => ({ ...newLayer('raster', id), id })

beforeEach(async () => {
  for (const id of ['of-open', 'of-draft', 'of-nobody']) await keep(id)
  const canvas = { version: 1, layers: [layer('of-draft')] }
  const workflow = { nodes: [], links: [], extra: { studio: { version: 1, canvas } } }
  await set('d1', { id: 'd1', workflow, touched: 1, open: false }, createStore('limner-drafts', 'drafts'))
  const id = openDocument({ title: 'open' })
  editCanvas(id, 'New layer', (draft) => insertLayer(draft, layer('of-open')))
  expect(useDocuments.getState().open[id]).toBeDefined()
})

it('forgets old layers that no document and no draft knows', async () => {
  await forgetUnknownLayers(later(40))
  expect(await readTiles('of-nobody')).toBeNull()
  expect((await readTiles('of-open'))?.tiles).toHaveLength(1)
  expect((await readTiles('of-draft'))?.tiles).toHaveLength(1)
})

it('keeps what was touched lately', async () => {
  await forgetUnknownLayers(later(20))
  expect(await readTiles('of-nobody')).not.toBeNull()
})

it('forgets the undo steps of earlier visits', async () => {
  await stepStorage.write('layer/r2', [])
  await forgetUnknownLayers(later(1))
  expect(await stepStorage.read('layer/r2')).toEqual([])
  await forgetUnknownLayers(later(8))
  expect(await stepStorage.read('layer/r2')).toBeUndefined()
})
