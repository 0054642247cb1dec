/**
 * Everything that is wrong with the open document, with what can be done about it: what the server refused, what failed,
 * and what can be seen without running (nodes that are missing, values that are in no list, inputs without a link).
 */
import { useMemo } from 'react'
import { useDocuments } from '@/app/documents'
import { type JobFailure, useJobs } from '@/app/jobs'
import { type Refused, useRefusals } from '@/app/run'
import type { Definitions, NodeDefinition } from '@/doc/definitions'
import { isWidget } from '@/doc/definitions'
import { GETTERS, givenName, NAME_WIDGET } from '@/doc/page-nodes'
import { definitionOf, namesIn, subgraphOf } from '@/doc/subgraphs'
import { isUpload } from '@/doc/widget-reading'
import { widgetsOf, widgetValue } from '@/doc/widgets'
import type { Body, Workflow, WorkflowNode } from '@/doc/workflow'
import { t } from '@/i18n/text'
import { focusNode } from '../canvas/flow-instance'
import { shownJob } from '../running/node-run'
import { enter, select, useGraph } from '../state/graph-store'
import { knownDefinitions } from '../state/known'
import { linkIndex } from '../state/links'
import { fits, typeText } from '../state/ports'
import type { Scope } from '../state/scope'
import { useScope } from '../state/scope'
import { useKnown } from '../state/values'
import { nearest } from './nearest'
import { showProblem, useProblemFocus } from './problem-focus'

export type ProblemKind =
  | 'missing-node'
  | 'missing-model'
  | 'value'
  | 'input'
  | 'type'
  | 'failed'
  | 'memory'
  | 'other'

export interface Problem {
  key: string
  kind: ProblemKind
  /** Full id: `outer:inner` in subgraphs; empty: the whole workflow. */
  node: string
  title: string
  input: string
  message: string
  /** Values that could stand there instead. */
  instead: string[]
  failure?: JobFailure
  /** Seen without running: it does not open the panel. */
  quiet: boolean
}

/** The problems of the open document, by node. */
export function useProblems(): Problem[] {
  const { document } = useScope()
  const known = useKnown()
  const workflow = useDocuments((state) => state.open[document]?.workflow)
  const refused = useRefusals((state) => state.refused[document])
  const failure = useJobs((state) => shownJob(state, document)?.failure ?? null)
  return useMemo(
    () => (workflow ? problemsOf(workflow, known, refused, failure) : []),
    [workflow, known, refused, failure],
  )
}

export function problemsOf(
  workflow: Workflow,
  known: Definitions,
  refused: Refused | undefined,
  failure: JobFailure | null,
): Problem[] {
  const said = (refused?.problems ?? []).map((problem): Problem => {
    const found = findNode(workflow, problem.node)
    const instead = found ? suggestions(workflow, found.node, found.body, known, problem.input) : []
    return {
      key: `refused ${problem.node} ${problem.input} ${problem.code}`,
      kind: kindOf(problem.code, found?.node, problem.input, known),
      node: problem.node,
      title: found ? titleOf(found.node, known) : problem.node,
      input: problem.input,
      message: problem.message,
      instead,
      quiet: false,
    }
  })
  const whole: Problem[] =
    refused && refused.problems.length === 0
      ? [plain('whole', '', t('Workflow'), refused.message, 'other', false)]
      : []
  const ran: Problem[] = failure ? [failed(workflow, known, failure)] : []
  const keys = new Set(said.map((problem) => `${problem.node} ${problem.input}`))
  const seen = looked(workflow, known).filter((problem) => !keys.has(`${problem.node} ${problem.input}`))
  return [...ran, ...whole, ...said, ...seen]
}

const plain = (
  key: string,
  node: string,
  title: string,
  message: string,
  kind: ProblemKind,
  quiet: boolean,
  input = '',
): Problem => ({ key: `${key} ${node} ${input}`, kind, node, title, input, message, instead: [], quiet })

function failed(workflow: Workflow, known: Definitions, failure: JobFailure): Problem {
  const found = findNode(workflow, failure.node)
  const memory = /out of memory|OutOfMemory|not enough memory/i.test(`${failure.type} ${failure.message}`)
  return {
    ...plain(
      'failed',
      failure.node,
      found ? titleOf(found.node, known) : failure.nodeType || t('Job'),
      failure.message || failure.type,
      memory ? 'memory' : 'failed',
      false,
    ),
    failure,
  }
}

function kindOf(
  code: string,
  node: WorkflowNode | undefined,
  input: string,
  known: Definitions,
): ProblemKind {
  if (/missing_node|unknown_node|node_type/.test(code)) return 'missing-node'
  if (/value_not_in_list/.test(code)) return node && isModel(node, input, known) ? 'missing-model' : 'value'
  if (/required_input_missing/.test(code)) return 'input'
  if (/return_type_mismatch|type_mismatch/.test(code)) return 'type'
  if (/value_|invalid_input/.test(code)) return 'value'
  return 'other'
}

/** Whether an input chooses a model's file: the server says so by what the choices look like. */
function isModel(node: WorkflowNode, input: string, known: Definitions): boolean {
  const definition = known.get(node.type)
  const options = definition?.inputs.find((other) => other.name === input)?.options ?? []
  const value = String(widgetValue(node, definition, input) ?? '')
  return MODEL_FILE.test(value) || options.some((option) => MODEL_FILE.test(String(option)))
}

const MODEL_FILE = /\.(safetensors|ckpt|gguf|pt|pth|bin|onnx|sft)$/i

function suggestions(
  workflow: Workflow,
  node: WorkflowNode,
  body: Body,
  known: Definitions,
  input: string,
): string[] {
  const definition = definitionOf(workflow, node, known, body)
  const widget = widgetsOf(node, definition).find((other) => other.name === input)
  const options = widget?.input.options?.map(String)
  if (!options || options.length === 0) return []
  const value = String(widgetValue(node, definition, input) ?? '')
  return options.includes(value) ? [] : nearest(value, options, 3)
}

/** What can be seen without running, all levels of the workflow. */
function looked(workflow: Workflow, known: Definitions): Problem[] {
  const found: Problem[] = []
  const look = (body: Body, prefix: string, depth: number) => {
    for (const node of body.nodes) {
      if ((node.mode ?? 0) !== 0) continue
      const id = `${prefix}${node.id}`
      found.push(...lookAtNode(workflow, node, body, known, id))
      const inner = subgraphOf(workflow, node.type)
      if (inner && depth < DEEPEST) look(inner, `${id}:`, depth + 1)
    }
  }
  look(workflow, '', 0)
  return found
}

const DEEPEST = 8

interface Looked {
  id: string
  links: unknown
  known: Definitions
  subgraphs: unknown
  problems: Problem[]
}

/** What was seen at a node, until it or the links change: a key that is typed looks at one node, not at all. */
const lookedAt = new WeakMap<WorkflowNode, Looked>()

function lookAtNode(
  workflow: Workflow,
  node: WorkflowNode,
  body: Body,
  known: Definitions,
  id: string,
): Problem[] {
  const kept = lookedAt.get(node)
  const subgraphs = workflow.definitions
  // Whether a name is given is said by other nodes.
  if (GETTERS.has(node.type)) return lookAfresh(workflow, node, body, known, id)
  if (kept?.id === id && kept.links === body.links && kept.known === known && kept.subgraphs === subgraphs)
    return kept.problems
  const problems = lookAfresh(workflow, node, body, known, id)
  lookedAt.set(node, { id, links: body.links, known, subgraphs, problems })
  return problems
}

function lookAfresh(
  workflow: Workflow,
  node: WorkflowNode,
  body: Body,
  known: Definitions,
  id: string,
): Problem[] {
  const definition = definitionOf(workflow, node, known, body)
  if (GETTERS.has(node.type)) return lookAtName(node, namesIn(workflow, body), id)
  if (definition)
    return [
      ...lookAtValues(workflow, node, body, known, id),
      ...lookAtLinks(node, definition, body, known, id),
    ]
  const message = t('There is no node “{{type}}” here. It is kept as it is, with its links and values.', {
    type: node.type,
  })
  return [plain('looked', id, node.title || node.type, message, 'missing-node', true)]
}

/** A named value that nothing gives. */
function lookAtName(node: WorkflowNode, names: string[], id: string): Problem[] {
  const name = givenName(node)
  if (names.includes(name) || !node.outputs?.some((output) => output.links?.length)) return []
  const message = name ? t('No value is called “{{name}}”.', { name }) : t('No named value is chosen.')
  const problem = plain('looked', id, node.title || t('Get value'), message, 'value', true, NAME_WIDGET)
  return [{ ...problem, instead: nearest(name, names, 3) }]
}

function lookAtLinks(
  node: WorkflowNode,
  definition: NodeDefinition,
  body: Body,
  known: Definitions,
  id: string,
): Problem[] {
  const { byId } = linkIndex(body)
  return (node.inputs ?? []).flatMap((input, slot) => {
    if (!input || input.widget) return []
    const link = typeof input.link === 'number' ? byId.get(input.link) : undefined
    const values = { input: input.name, taken: typeText(input.type) }
    if (!link) {
      if (!isNeeded(node, slot, definition.inputs)) return []
      const message = t('“{{input}}” has no link.', values)
      return [plain('looked', id, titleOf(node, known), message, 'input', true, input.name)]
    }
    const given = sourceType(body, link.from, link.fromSlot)
    if (fits(given, values.taken)) return []
    const message = t('{{given}} is linked to “{{input}}”, which takes {{taken}}.', { ...values, given })
    return [plain('looked', id, titleOf(node, known), message, 'type', true, input.name)]
  })
}

function isNeeded(node: WorkflowNode, slot: number, inputs: { name: string; required: boolean }[]): boolean {
  const written = node.inputs?.[slot]
  const input = inputs.find((other) => other.name === written?.name)
  return Boolean(input?.required && !written?.widget && !isWidget(input as Parameters<typeof isWidget>[0]))
}

function sourceType(body: Body, from: string | number, slot: number): string {
  const source = body.nodes.find((node) => String(node.id) === String(from))
  if (source) return typeText(source.outputs?.[slot]?.type)
  const ports = (body as { inputs?: { type: string }[] }).inputs
  return typeText(ports?.[slot]?.type)
}

function lookAtValues(
  workflow: Workflow,
  node: WorkflowNode,
  body: Body,
  known: Definitions,
  id: string,
): Problem[] {
  const definition = known.get(node.type)
  if (!definition) return []
  return widgetsOf(node, definition).flatMap((widget) => {
    const { options } = widget.input
    const linked = node.inputs?.find((input) => input?.widget && input.name === widget.name)?.link
    if (!options || options.length === 0 || typeof linked === 'number') return []
    const value = widgetValue(node, definition, widget.name)
    if (
      value === undefined ||
      Array.isArray(value) ||
      options.includes(value as string) ||
      isUpload(widget.input)
    )
      return []
    const model = isModel(node, widget.name, known)
    return [
      {
        ...plain(
          'looked',
          id,
          titleOf(node, known),
          model
            ? t('The model “{{name}}” is not here.', { name: String(value) })
            : t('“{{value}}” is not among the choices of “{{input}}”.', {
                value: String(value),
                input: widget.name,
              }),
          model ? 'missing-model' : 'value',
          true,
          widget.name,
        ),
        instead: suggestions(workflow, node, body, known, widget.name),
      },
    ]
  })
}

function findNode(workflow: Workflow, id: string): { node: WorkflowNode; body: Body } | undefined {
  let body: Body = workflow
  const way = id.split(':')
  for (const [at, step] of way.entries()) {
    const node: WorkflowNode | undefined = body.nodes.find((other) => String(other.id) === step)
    if (!node) return undefined
    if (at === way.length - 1) return { node, body }
    const inner = subgraphOf(workflow, node.type)
    if (!inner) return { node, body }
    body = inner
  }
  return undefined
}

const titleOf = (node: WorkflowNode, known: Definitions): string =>
  node.title || known.get(node.type)?.title || node.type

/** Goes to a problem's node, into the subgraph that it is in, and to its field. */
export function goToProblem(scope: Scope, { node, input }: Pick<Problem, 'node' | 'input'>): void {
  if (!node) return
  const way = node.split(':')
  const path = way.slice(0, -1)
  const id = way.at(-1)!
  if (path.join(':') !== scope.path.join(':')) enter(scope.document, path)
  select([id])
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      focusNode(id, true)
      if (input) setTimeout(() => focusField(id, input), 80)
    }),
  )
}

function focusField(id: string, input: string): void {
  const row = document.querySelector(
    `[data-node="${CSS.escape(id)}"] [data-widget-row="${CSS.escape(input)}"]`,
  )
  row?.querySelector<HTMLElement>('input, textarea, button')?.focus()
}

/** F8: the next problem; the panel opens with it. */
export function nextProblem(scope: Scope): void {
  const workflow = useDocuments.getState().open[scope.document]?.workflow
  if (!workflow) return
  const refused = useRefusals.getState().refused[scope.document]
  const failure = shownJob(useJobs.getState(), scope.document)?.failure ?? null
  const problems = problemsOf(workflow, knownDefinitions(), refused, failure)
  if (problems.length === 0) {
    useProblemFocus.setState({ open: false })
    return
  }
  const next = (useGraph.getState().problem + 1) % problems.length
  useGraph.setState({ problem: next })
  showProblem(problems[next]!.node)
  goToProblem(scope, problems[next]!)
}
