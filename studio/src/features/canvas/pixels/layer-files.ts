/** Pixels of layers in this browser's storage, tile by tile: what a reload brings back. */
import { createStore, del, delMany, entries, get, getMany, keys, set, setMany } from 'idb-keyval'
import type { PackedChange, Spill } from './history'
import type { Packed } from './packing'
import type { TileKey } from './tiles'

type Store = ReturnType<typeof createStore>

/** Opened when it is first asked for, and once. */
function once(database: string, name: string): () => Store {
  let store: Store | undefined
  return () => {
    store ??= createStore(database, name)
    return store
  }
}

const tiles = once('limner-canvas', 'tiles')
const layers = once('limner-canvas-layers', 'layers')
const steps = once('limner-canvas-steps', 'steps')

interface LayerFile {
  revision: string
  keys: TileKey[]
  touched: number
}

const nameOf = (layer: string, key: TileKey): string => `${layer}/${key}`

/** Writes the tiles of a layer that changed; a null is one that is empty now. */
export async function keepTiles(
  layer: string,
  revision: string,
  changed: ReadonlyMap<TileKey, Packed>,
): Promise<void> {
  const file = await get<LayerFile>(layer, layers())
  const keys = new Set(file?.keys ?? [])
  const written: [string, Packed][] = []
  const gone: string[] = []
  for (const [key, packed] of changed) {
    if (packed) {
      keys.add(key)
      written.push([nameOf(layer, key), packed])
    } else {
      keys.delete(key)
      gone.push(nameOf(layer, key))
    }
  }
  if (written.length > 0) await setMany(written, tiles())
  if (gone.length > 0) await delMany(gone, tiles())
  await set(layer, { revision, keys: [...keys], touched: Date.now() } satisfies LayerFile, layers())
}

/** A layer's tiles as they were left, or null if there is nothing of it in this browser. */
export async function readTiles(
  layer: string,
): Promise<{ revision: string; tiles: [TileKey, Packed][] } | null> {
  const file = await get<LayerFile>(layer, layers())
  if (!file) return null
  const found = await getMany<Packed>(
    file.keys.map((key) => nameOf(layer, key)),
    tiles(),
  )
  return { revision: file.revision, tiles: file.keys.map((key, at) => [key, found[at] ?? null]) }
}

const DAY = 86_400_000
const KEPT_DAYS = 30
/** No page stays open for longer than this. */
const STEPS_DAYS = 7

/** Undo steps belong to one visit of the page: nothing leads back to them later. */
const visit = Date.now()

/** Forgets layers that no document knows and that nobody touched for a month, and the undo steps of earlier visits. */
export async function forgetOldLayers(known: ReadonlySet<string>, now = Date.now()): Promise<void> {
  for (const [layer, file] of await entries<string, LayerFile>(layers())) {
    if (known.has(layer) || file.touched > now - KEPT_DAYS * DAY) continue
    await delMany(
      file.keys.map((key) => nameOf(layer, key)),
      tiles(),
    )
    await del(layer, layers())
  }
  const old = (await keys<string>(steps())).filter(
    (name) => !(Number.parseInt(name, 10) > now - STEPS_DAYS * DAY),
  )
  if (old.length > 0) await delMany(old, steps())
}

/** Where undo steps go that memory has no room for. */
export const stepStorage: Spill = {
  write: (name, changes) => set(`${visit}/${name}`, changes, steps()),
  read: (name) => get<PackedChange[]>(`${visit}/${name}`, steps()),
}
