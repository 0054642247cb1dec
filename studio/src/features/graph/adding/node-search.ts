/** Finding nodes by what somebody types: title, synonyms, category, ports; those that fit a link first, then those used often. */
import type { Definitions, NodeDefinition } from '@/doc/definitions'
import { pageDefinition } from '@/doc/page-nodes'
import type { PortRef } from '../state/graph-store'
import { fits } from '../state/ports'

const USES = 'limner.graph.uses'
const PAGE_NODES = ['Note', 'MarkdownNote', 'PrimitiveNode', 'Reroute', 'SetNode', 'GetNode']
const TITLES: Record<string, [title: string, aliases: string[]]> = {
  Note: ['Note', ['comment', 'text']],
  MarkdownNote: ['Markdown Note', ['comment', 'text']],
  PrimitiveNode: ['Primitive', ['value', 'constant', 'number']],
  Reroute: ['Reroute', ['dot', 'point']],
  SetNode: ['Set value', ['name', 'variable', 'wireless']],
  GetNode: ['Get value', ['name', 'variable', 'wireless']],
}

interface Entry {
  definition: NodeDefinition
  title: string
  type: string
  rest: string
}

const indexes = new WeakMap<Definitions, Entry[]>()

function entriesOf(known: Definitions): Entry[] {
  const kept = indexes.get(known)
  if (kept) return kept
  const page = PAGE_NODES.flatMap((type) => {
    const plain = pageDefinition(type)
    const [title, aliases] = TITLES[type]!
    return plain ? [{ ...plain, title, aliases, category: 'utils' }] : []
  })
  const entries = [...known.values(), ...page].map((definition) => ({
    definition,
    title: definition.title.toLowerCase(),
    type: definition.type.toLowerCase(),
    rest: [
      definition.aliases.join(' '),
      definition.category,
      definition.outputs.map((port) => port.type).join(' '),
    ]
      .join(' ')
      .toLowerCase(),
  }))
  indexes.set(known, entries)
  return entries
}

/** All nodes that can be added, those that only pages have too. */
export const addable = (known: Definitions): NodeDefinition[] =>
  entriesOf(known).map((entry) => entry.definition)

/** The nodes that a text and a dropped link mean, the best first. */
export function searchNodes(known: Definitions, text: string, from?: PortRef, most = 60): NodeDefinition[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const uses = countUses()
  const scored: [number, NodeDefinition][] = []
  for (const entry of entriesOf(known)) {
    const said = words.length === 0 ? 1 : scoreWords(entry, words)
    if (said <= 0) continue
    if (from && !portFor(entry.definition, from)) continue
    const own = Math.log2(1 + (uses[entry.definition.type] ?? 0)) * 6
    const penalty = (entry.definition.deprecated ? 40 : 0) + (entry.definition.experimental ? 4 : 0)
    scored.push([said + own - penalty - entry.title.length / 20, entry.definition])
  }
  return scored
    .sort((one, other) => other[0] - one[0] || one[1].title.localeCompare(other[1].title))
    .slice(0, most)
    .map(([, definition]) => definition)
}

function scoreWords(entry: Entry, words: string[]): number {
  let sum = 0
  for (const word of words) {
    const score = Math.max(
      scoreWord(entry.title, word),
      scoreWord(entry.type, word) - 4,
      restScore(entry.rest, word),
    )
    if (score <= 0) return 0
    sum += score
  }
  return sum + (entry.title === words.join(' ') ? 60 : 0)
}

function scoreWord(text: string, word: string): number {
  const at = text.indexOf(word)
  if (at === 0) return 100
  if (at > 0) return /[\s(/_-]/.test(text[at - 1]!) ? 80 : 50
  return word.length > 1 && isSubsequence(text, word) ? 20 : 0
}

const restScore = (rest: string, word: string): number => (rest.includes(word) ? 30 : 0)

function isSubsequence(text: string, word: string): boolean {
  let at = 0
  for (const letter of text) if (letter === word[at]) at += 1
  return at === word.length
}

/** The first port of a node type that a dropped link fits: number and whether it is a widget's. */
export function portFor(
  definition: NodeDefinition,
  from: PortRef,
): { slot: number; name: string } | undefined {
  if (from.side === 'in') {
    const slot = definition.outputs.findIndex((output) => fits(output.type, from.type))
    return slot < 0 ? undefined : { slot, name: definition.outputs[slot]!.name }
  }
  const open = definition.inputs.filter((input) => !input.hidden && input.settings.socketless !== true)
  const slot = open.findIndex((input) => fits(from.type, input.type))
  return slot < 0 ? undefined : { slot, name: open[slot]!.name }
}

function countUses(): Record<string, number> {
  try {
    return JSON.parse(localStorage.getItem(USES) ?? '{}') as Record<string, number>
  } catch {
    return {}
  }
}

/** Remembers that a node was added. */
export function countUse(type: string): void {
  const uses = countUses()
  uses[type] = (uses[type] ?? 0) + 1
  localStorage.setItem(USES, JSON.stringify(uses))
}
