/** Where a place of a drawn workflow is in its API form, in which subgraphs are taken apart and primitives are gone. */
import type { Definitions } from './definitions'
import { flowOf, inputNames, sourceOf } from './flow'
import type { Place, Workflow } from './workflow'

/** For each place the inputs of the API form that get its value. */
export function apiPlaces(workflow: Workflow, definitions: Definitions, places: Place[]): Place[][] {
  const flow = flowOf(workflow, definitions)
  const wanted = new Map(places.map((place) => [keyOf(place), [] as Place[]]))
  for (const at of flow.nodes.values()) {
    const names = new Set([...inputNames(at), ...at.widgets.map((widget) => widget.name)])
    for (const name of names) {
      const source = sourceOf(flow, at, name)
      if (source && 'place' in source) wanted.get(keyOf(source.place))?.push({ node: at.id, widget: name })
    }
  }
  return places.map((place) => wanted.get(keyOf(place)) ?? [])
}

const keyOf = (place: Place): string => `${place.node}\n${place.widget}`
