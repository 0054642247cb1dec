/** How model files are called and found: names without folders and suffixes, and search over all that is known of them. */
import type { ModelEntry } from './model-data'

/** `folder/fine-lines.safetensors` as `fine-lines`. */
export const shortName = (name: string): string =>
  (name.split('/').at(-1) ?? name).replace(/\.(safetensors|sft|gguf|ckpt|pth|pt2?|bin)$/i, '')

export const titleOf = (entry: { title: string; name: string }): string =>
  entry.title || shortName(entry.name)

export type ModelOrder = 'name' | 'size' | 'used' | 'new'

export interface ModelFilter {
  text: string
  kind: string
  family: string
  order: ModelOrder
}

/** The entries that fit a filter, in its order. */
export function chosenModels(models: readonly ModelEntry[], filter: ModelFilter): ModelEntry[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  return models
    .filter(
      (model) =>
        (!filter.kind || model.kind === filter.kind) &&
        (!filter.family || model.family === filter.family) &&
        words.every((word) => textOf(model).includes(word)),
    )
    .sort(ORDERS[filter.order])
}

const ORDERS: Record<ModelOrder, (one: ModelEntry, other: ModelEntry) => number> = {
  name: (one, other) => titleOf(one).localeCompare(titleOf(other), undefined, { numeric: true }),
  size: (one, other) => other.size - one.size,
  used: (one, other) => other.last_used - one.last_used || other.jobs - one.jobs,
  new: (one, other) => other.modified - one.modified,
}

const textOf = (model: ModelEntry): string =>
  [model.name, model.title, model.kind, model.family_title, model.licence, ...model.triggers]
    .join(' ')
    .toLowerCase()

/** The different values of a field, with how many have each; the most frequent first. */
export function counted(models: readonly ModelEntry[], field: 'kind' | 'family'): [string, number][] {
  const counts = new Map<string, number>()
  for (const model of models) if (model[field]) counts.set(model[field], (counts.get(model[field]) ?? 0) + 1)
  return [...counts].sort((one, other) => other[1] - one[1])
}
