/** Reads workflow files. What is not known is kept as it is: a file that was opened and saved again is the same file. */
import { fromApi } from './api-form'
import type { Definitions } from './definitions'
import { parseExact } from './exact-numbers'
import { layout } from './layout'
import type { ApiPrompt, Link, Workflow, WorkflowNode } from './workflow'

export { fromApi } from './api-form'

/** A file that cannot be opened, and why. The message is for people. */
export class DocumentError extends Error {
  override name = 'DocumentError'
}

export interface ReadDocument {
  workflow: Workflow
  kind: 'ui' | 'api'
}

/** Reads what was in a file: text, or what JSON decodes to. Throws a DocumentError if it is no workflow. */
export function readDocument(json: unknown, definitions: Definitions): ReadDocument {
  const written = typeof json === 'string' ? parse(json) : json
  const found = unwrap(written)
  if (isUi(found)) return { workflow: readUi(found), kind: 'ui' }
  if (isApi(found)) return { workflow: fromApi(found, definitions), kind: 'api' }
  throw new DocumentError(refusal(written))
}

function parse(text: string): unknown {
  try {
    return parseExact(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new DocumentError(`This is not JSON: ${(error as Error).message}.`)
  }
}

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const isUi = (value: unknown): value is Fields & { nodes: unknown[] } =>
  isObject(value) && Array.isArray(value.nodes)

const isApi = (value: unknown): value is ApiPrompt =>
  isObject(value) &&
  Object.keys(value).length > 0 &&
  Object.values(value).every((node) => isObject(node) && typeof node.class_type === 'string')

/** Files hold workflows in several ways: bare, beside their prompt, or as what a server was sent. */
function unwrap(file: unknown): unknown {
  if (isUi(file) || isApi(file) || !isObject(file)) return file
  const written: Fields = file
  const extra = [written.extra_data, written.extra_pnginfo].filter(isObject)
  const inner = extra.flatMap((entry) => [entry, entry.extra_pnginfo]).filter(isObject)
  const candidates = [
    written.workflow,
    ...inner.map((entry) => entry.workflow),
    written.prompt,
    written.output,
  ]
  for (const candidate of candidates) {
    const value = typeof candidate === 'string' ? decoded(candidate) : candidate
    if (isUi(value) || isApi(value)) return value
  }
  return written
}

function decoded(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}

function refusal(written: unknown): string {
  if (!isObject(written)) {
    const what = Array.isArray(written) ? 'a list' : written === null ? 'nothing' : `a ${typeof written}`
    return `A workflow is an object with a list of nodes; this file holds ${what}.`
  }
  const broken = Object.entries(written).find(
    ([, node]) => isObject(node) && typeof node.class_type === 'string',
  )
  if (broken) {
    const [id] =
      Object.entries(written).find(([, node]) => !isObject(node) || typeof node.class_type !== 'string') ?? []
    return `Entry “${id}” of this prompt is no node: it has no class_type.`
  }
  const keys = Object.keys(written).slice(0, 5).join(', ')
  return keys
    ? `There is no workflow in this file. It is an object with the keys ${keys}.`
    : 'There is no workflow in this file: it is empty.'
}

/** A workflow in the form of ComfyUI's page. Only what everybody relies on is put right; the rest stays as it is. */
function readUi(written: Fields): Workflow {
  const nodes = (written.nodes as unknown[]).map(readNode)
  const workflow = { ...written, nodes, links: readLinks(written.links) } as unknown as Workflow
  if (nodes.some((node) => !node.pos)) arrange(workflow)
  return workflow
}

function readLinks(written: unknown): Link[] {
  const entries = Array.isArray(written) ? written : isObject(written) ? Object.values(written) : []
  for (const entry of entries) {
    const ends = Array.isArray(entry) ? entry.length >= 5 : entry === null || isObject(entry)
    if (!ends)
      throw new DocumentError(
        `A link of this workflow cannot be read: ${JSON.stringify(entry)?.slice(0, 80)}.`,
      )
  }
  return (entries.includes(null) ? entries.filter((entry) => entry !== null) : entries) as Link[]
}

function readNode(written: unknown, at: number): WorkflowNode {
  const hasId = isObject(written) && (typeof written.id === 'number' || typeof written.id === 'string')
  if (!hasId || typeof written.type !== 'string') {
    throw new DocumentError(`Node ${at + 1} of this workflow has no id or no type.`)
  }
  const pos = readPair(written.pos)
  const size = readPair(written.size) ?? [210, 100]
  // Most files are as they should be: then the node stays the very object that it was.
  if (pos === written.pos && size === written.size) return written as unknown as WorkflowNode
  return { ...written, ...(pos ? { pos } : {}), size } as unknown as WorkflowNode
}

/** Pairs of numbers; very old files have `{"0": 10, "1": 20}`. */
function readPair(written: unknown): [number, number] | undefined {
  if (Array.isArray(written)) return written as [number, number]
  if (!isObject(written) || !('0' in written)) return undefined
  return [Number(written['0']) || 0, Number(written['1']) || 0]
}

function arrange(workflow: Workflow): void {
  const positions = layout(workflow.nodes, workflow.links)
  workflow.nodes = workflow.nodes.map((node) =>
    node.pos ? node : { ...node, pos: positions.get(node.id) ?? [0, 0] },
  )
}

/** The text of a workflow's file. */
export const writeDocument = (workflow: Workflow): string => JSON.stringify(workflow)
