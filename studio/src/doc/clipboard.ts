/** Copying and pasting parts of a graph, in the JSON form that ComfyUI's page puts on the clipboard. */
import { disconnect, nodeIn, takeLinkId, takeNodeId } from './edit'
import { parseExact } from './exact-numbers'
import { linksOf, type ReadLink, readLink, sameId, writtenLink } from './links'
import { subgraphsOf } from './subgraphs'
import type {
  Body,
  Group,
  Link,
  LinkRecord,
  NodeId,
  SubgraphDefinition,
  Workflow,
  WorkflowNode,
} from './workflow'

export interface Clipping {
  nodes: WorkflowNode[]
  links: LinkRecord[]
  groups: Group[]
  reroutes: unknown[]
  subgraphs: SubgraphDefinition[]
  [more: string]: unknown
}

/** Copies nodes with the links between them, those that come in from outside, and the subgraphs that they stand for. */
export function copyNodes(body: Body, ids: NodeId[], workflow?: Workflow, groups: Group[] = []): Clipping {
  const names = new Set(ids.map(String))
  const nodes = body.nodes.filter((node) => names.has(String(node.id)))
  return structuredClone({
    nodes: structuredPlain(nodes),
    links: linksOf(body)
      .filter((link) => names.has(String(link.to)))
      .map(asRecord),
    groups: structuredPlain(groups),
    reroutes: [],
    subgraphs: structuredPlain(workflow ? usedSubgraphs(workflow, nodes) : []),
  })
}

/** A copy without Immer's proxies. */
const structuredPlain = <T>(value: T): T => parseExact(JSON.stringify(value)) as T

const asRecord = (link: ReadLink): LinkRecord => ({
  id: link.id,
  origin_id: link.from,
  origin_slot: link.fromSlot,
  target_id: link.to,
  target_slot: link.toSlot,
  type: link.type,
})

/** The subgraphs that nodes stand for, and those inside of these. */
export function usedSubgraphs(workflow: Workflow, nodes: WorkflowNode[]): SubgraphDefinition[] {
  const all = subgraphsOf(workflow)
  const found: SubgraphDefinition[] = []
  const waiting = [...nodes]
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const type = node.type
    const definition = all.find((entry) => entry.id === type)
    if (!definition || found.includes(definition)) continue
    found.push(definition)
    waiting.push(...definition.nodes)
  }
  return found
}

/** Reads what is on a clipboard; undefined if it is no part of a graph. */
export function readClipping(text: string): Clipping | undefined {
  try {
    const found = parseExact(text) as Partial<Clipping> | null
    if (!found || !Array.isArray(found.nodes)) return undefined
    const nodes = found.nodes.filter((node) => node && typeof node.type === 'string')
    return {
      ...found,
      nodes,
      links: readLinks(found.links, nodes),
      groups: Array.isArray(found.groups) ? found.groups : [],
      reroutes: [],
      subgraphs: Array.isArray(found.subgraphs) ? found.subgraphs : [],
    }
  } catch {
    return undefined
  }
}

/** Links of a clipping. Older pages write `[number of node, slot, number of node, slot]`, counted in the clipping. */
function readLinks(written: unknown, nodes: WorkflowNode[]): LinkRecord[] {
  if (!Array.isArray(written)) return []
  return written.flatMap((entry: Link, at) => {
    if (!entry || typeof entry !== 'object') return []
    if (!Array.isArray(entry)) return [entry]
    if (entry.length >= 6) return [asRecord(readLink(entry))]
    const [from, fromSlot, to, toSlot] = entry as unknown as [number, number, number, number]
    const [source, target] = [nodes[from], nodes[to]]
    if (!source || !target) return []
    const type = source.outputs?.[fromSlot]?.type
    const ends = { from: source.id, fromSlot, to: target.id, toSlot }
    return [asRecord({ id: at + 1, ...ends, type: typeof type === 'string' ? type : '*' })]
  })
}

export interface Paste {
  /** Where the upper left corner of what is pasted comes to lie. */
  at: [number, number]
  /** Links from nodes that are not in the clipping are kept if these nodes are there. */
  keepLinks?: boolean
  /** Takes the subgraphs of the clipping that it lacks; the body itself if absent. */
  workflow?: Workflow
}

/** Pastes a clipping; returns the ids of the new nodes. */
export function pasteNodes(draft: Body, clipping: Clipping, { at, keepLinks, workflow }: Paste): NodeId[] {
  const copy = structuredClone(clipping)
  const ids = new Map<string, NodeId>()
  const corner = cornerOf(copy)
  for (const node of copy.nodes) {
    const id = takeNodeId(draft)
    ids.set(String(node.id), id)
    const pos: [number, number] = [at[0] + node.pos[0] - corner[0], at[1] + node.pos[1] - corner[1]]
    draft.nodes.push(withoutLinks({ ...node, id, pos }))
  }
  for (const link of copy.links.map(readLink)) {
    const from = ids.get(String(link.from)) ?? (keepLinks ? link.from : undefined)
    const to = ids.get(String(link.to))
    if (from !== undefined && to !== undefined) addLink(draft, { ...link, from, to })
  }
  pasteGroups(draft, copy.groups, [at[0] - corner[0], at[1] - corner[1]])
  addSubgraphs(workflow ?? ('inputNode' in draft ? undefined : (draft as Workflow)), copy.subgraphs)
  return [...ids.values()]
}

function cornerOf({ nodes, groups }: Clipping): [number, number] {
  const corners = [...nodes.map((node) => node.pos), ...groups.map((group) => group.bounding)]
  return [Math.min(...corners.map((pos) => pos[0])), Math.min(...corners.map((pos) => pos[1]))]
}

const withoutLinks = (node: WorkflowNode): WorkflowNode => ({
  ...node,
  ...(node.inputs ? { inputs: node.inputs.map((slot) => ({ ...slot, link: null })) } : {}),
  ...(node.outputs ? { outputs: node.outputs.map((slot) => ({ ...slot, links: null })) } : {}),
})

function addLink(draft: Body, link: ReadLink): void {
  const output = nodeIn(draft, link.from)?.outputs?.[link.fromSlot]
  const input = nodeIn(draft, link.to)?.inputs?.[link.toSlot]
  if (!output || !input) return
  if (input.link !== null && input.link !== undefined) disconnect(draft, input.link)
  const id = takeLinkId(draft)
  ;(draft.links as Link[]).push(writtenLink(draft, { ...link, id }))
  output.links = [...(output.links ?? []), id]
  input.link = id
}

function pasteGroups(draft: Body, groups: Group[], [x, y]: [number, number]): void {
  if (groups.length === 0) return
  let id = Math.max(0, ...(draft.groups ?? []).map((group) => group.id ?? 0))
  const moved = groups.map((group): Group => {
    id += 1
    const [left, top, width, height] = group.bounding
    return { ...group, id, bounding: [left + x, top + y, width, height] }
  })
  draft.groups = [...(draft.groups ?? []), ...moved]
}

function addSubgraphs(workflow: Workflow | undefined, subgraphs: SubgraphDefinition[]): void {
  if (!workflow || subgraphs.length === 0) return
  const known = new Set(subgraphsOf(workflow).map((definition) => definition.id))
  const added = subgraphs.filter((definition) => !known.has(definition.id))
  if (added.length === 0) return
  workflow.definitions ??= {}
  workflow.definitions.subgraphs = [...(workflow.definitions.subgraphs ?? []), ...added]
}

/** Copies nodes in place, a little aside; returns the ids of the copies. */
export function duplicate(
  draft: Body,
  ids: NodeId[],
  offset: [number, number] = [30, 30],
  keepLinks = false,
): NodeId[] {
  const clipping = copyNodes(draft, ids)
  if (clipping.nodes.length === 0) return []
  const [x, y] = cornerOf(clipping)
  return pasteNodes(draft, clipping, { at: [x + offset[0], y + offset[1]], keepLinks })
}

/** Whether a clipping has a node of this id. */
export const holds = (clipping: Clipping, id: NodeId): boolean =>
  clipping.nodes.some((node) => sameId(node.id, id))
