/**
 * A workflow as ComfyUI's page saves it. Types only say what we read; every other key is kept and written back.
 *
 * Never build one of these by listing its keys: spread what was there, so that what we do not know survives.
 */

export type NodeId = number | string

/** A link of the older form: id, from node, from slot, to node, to slot, type. */
export type LinkTuple = [id: number, from: NodeId, fromSlot: number, to: NodeId, toSlot: number, type: string]

/** A link of the newer form, used inside subgraphs. */
export interface LinkRecord {
  id: number
  origin_id: NodeId
  origin_slot: number
  target_id: NodeId
  target_slot: number
  type: string
  parentId?: number
  [more: string]: unknown
}

/** Links of the document's body are of one form or the other, as the file has them; `links.ts` reads both. */
export type Link = LinkTuple | LinkRecord

export interface InputSlot {
  name: string
  type: string | number
  link: number | null
  /** Set where the socket stands for a widget. */
  widget?: { name: string; [more: string]: unknown }
  label?: string
  [more: string]: unknown
}

export interface OutputSlot {
  name: string
  type: string | number
  links: number[] | null
  slot_index?: number
  label?: string
  [more: string]: unknown
}

/** 0: as it is. 2: never (muted). 4: passed by (bypassed). Others are kept. */
export type NodeMode = number
export const MODE = { always: 0, muted: 2, bypassed: 4 } as const

export interface WorkflowNode {
  id: NodeId
  type: string
  pos: [number, number]
  size: [number, number]
  mode?: NodeMode
  order?: number
  flags?: { collapsed?: boolean; pinned?: boolean; [more: string]: unknown }
  title?: string
  color?: string
  bgcolor?: string
  properties?: Record<string, unknown>
  inputs?: InputSlot[]
  outputs?: OutputSlot[]
  /** Values in the order of the node's widgets, or by name. */
  widgets_values?: unknown[] | Record<string, unknown>
  [more: string]: unknown
}

export interface Group {
  id?: number
  title: string
  bounding: [number, number, number, number]
  color?: string
  [more: string]: unknown
}

export interface SubgraphDefinition {
  id: string
  name: string
  nodes: WorkflowNode[]
  links: LinkRecord[]
  groups?: Group[]
  inputs?: SubgraphSlot[]
  outputs?: SubgraphSlot[]
  inputNode?: { id: NodeId; bounding: [number, number, number, number]; [more: string]: unknown }
  outputNode?: { id: NodeId; bounding: [number, number, number, number]; [more: string]: unknown }
  [more: string]: unknown
}

/** What editing works on: the document's body, or that of one of its subgraphs. */
export type Body = Workflow | SubgraphDefinition

export interface SubgraphSlot {
  id: string
  name: string
  type: string
  label?: string
  linkIds?: number[]
  [more: string]: unknown
}

export interface Workflow {
  last_node_id: number
  last_link_id: number
  nodes: WorkflowNode[]
  links: Link[]
  groups?: Group[]
  definitions?: { subgraphs?: SubgraphDefinition[]; [more: string]: unknown }
  extra?: WorkflowExtra
  version?: number
  [more: string]: unknown
}

export interface WorkflowExtra {
  studio?: StudioExtra
  linearMode?: boolean
  linearData?: { inputs?: [NodeId, string, ...unknown[]][]; outputs?: NodeId[]; [more: string]: unknown }
  [more: string]: unknown
}

/** Where a value lies: a node's widget. Nodes inside subgraphs are `outer:inner`. */
export interface Place {
  node: string
  widget: string
}

/** What a widget means, whatever node it is on (reference: studio 4.2): `prompt.positive`, `sampler.seed` ... */
export type Role = string

/** What the studio adds to a workflow. */
export interface StudioExtra {
  version: 1
  /** Which recipe it was made from; absent once its nodes were changed by hand. */
  recipe?: { task: string; model: string }
  roles?: Record<Role, Place[]>
  form?: unknown
  app?: unknown
  canvas?: unknown
  [more: string]: unknown
}

/** The API form: node id to type and inputs; a link is `[node id, output number]`. */
export type ApiPrompt = Record<
  string,
  { class_type: string; inputs: Record<string, unknown>; _meta?: { title?: string; [more: string]: unknown } }
>

export const emptyWorkflow = (): Workflow => ({
  last_node_id: 0,
  last_link_id: 0,
  nodes: [],
  links: [],
  groups: [],
  extra: {},
  version: 0.4,
})
