/** What prompts are written in: weights, LoRAs, wildcards and choices. Only read here; the server draws and expands. */

export type PartKind = 'text' | 'lora' | 'wildcard' | 'choice' | 'weight'

export interface Part {
  kind: PartKind
  text: string
}

const LORA = /<(?:lora|lyco):[^<>]+>/y
const WILDCARD = /__[^\s_](?:[^_]|_(?!_))*?__/y
const WEIGHT = /:\s*-?\d*\.?\d+(?=\))/y

/** The parts of a text, one after another, for colouring; their texts joined are the text. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = []
  const push = (kind: PartKind, piece: string) => {
    const last = parts.at(-1)
    if (last && last.kind === kind && kind !== 'lora' && kind !== 'wildcard') last.text += piece
    else parts.push({ kind, text: piece })
  }
  let at = 0
  let depth = 0
  while (at < text.length) {
    const found = matchAt(text, at)
    if (found) {
      push(found.kind, found.text)
      at += found.text.length
      continue
    }
    const letter = text[at]!
    if (letter === '{') depth += 1
    const isMark = depth > 0 && (letter === '{' || letter === '|' || letter === '}')
    push(isMark ? 'choice' : 'text', letter)
    if (letter === '}') depth = Math.max(0, depth - 1)
    at += 1
  }
  return parts
}

function matchAt(text: string, at: number): Part | null {
  const readers: [PartKind, RegExp][] = [
    ['lora', LORA],
    ['wildcard', WILDCARD],
    ['weight', WEIGHT],
  ]
  for (const [kind, pattern] of readers) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) return { kind, text: match[0] }
  }
  return null
}

/** Whether the server has to draw something before the text can be used. */
export const needsExpanding = (text: string): boolean =>
  /<(?:lora|lyco):[^<>]+>/.test(text) || /__[^\s_].*?__/.test(text) || /\{[^{}]*\|/.test(text)

export interface Selection {
  text: string
  start: number
  end: number
}

const STEP = 0.05

/**
 * Makes the selected words weigh more or less: `(cat:1.1)`. Without a selection it is the word at the caret, and inside
 * of brackets with a weight it is that weight. A weight of 1 takes the brackets away.
 */
export function weighted({ text, start, end }: Selection, by: 1 | -1): Selection {
  const around = bracketsAround(text, start, end)
  if (around) {
    const weight = Number((around.weight + by * STEP).toFixed(2))
    const next = weight === 1 ? around.inner : `(${around.inner}:${weight})`
    return {
      text: text.slice(0, around.from) + next + text.slice(around.to),
      start: around.from,
      end: around.from + next.length,
    }
  }
  const [from, to] = start === end ? wordAt(text, start) : trimmed(text, start, end)
  if (from === to) return { text, start, end }
  const next = `(${text.slice(from, to)}:${Number((1 + by * STEP).toFixed(2))})`
  return { text: text.slice(0, from) + next + text.slice(to), start: from, end: from + next.length }
}

const WEIGHTED = /\(([^()]*):\s*(-?\d*\.?\d+)\)/g

function bracketsAround(text: string, start: number, end: number) {
  for (const match of text.matchAll(WEIGHTED)) {
    const from = match.index
    const to = from + match[0].length
    if (from <= start && end <= to) return { from, to, inner: match[1]!, weight: Number(match[2]) }
  }
  return null
}

function wordAt(text: string, at: number): [number, number] {
  const stops = /[\s,.()<>{}|[\]]/
  let from = at
  let to = at
  while (from > 0 && !stops.test(text[from - 1]!)) from -= 1
  while (to < text.length && !stops.test(text[to]!)) to += 1
  return [from, to]
}

function trimmed(text: string, start: number, end: number): [number, number] {
  let [from, to] = [start, end]
  while (from < to && /[\s,]/.test(text[from]!)) from += 1
  while (to > from && /[\s,]/.test(text[to - 1]!)) to -= 1
  return [from, to]
}

export interface Completing {
  kind: 'lora' | 'wildcard' | 'embedding'
  /** What is typed of its name so far. */
  query: string
  from: number
  to: number
}

/** What is being written at the caret that could be completed from a list. */
export function completingAt(text: string, caret: number): Completing | null {
  const before = text.slice(0, caret)
  const patterns: [Completing['kind'], RegExp][] = [
    ['lora', /<(?:l|lo|lor|lora:?([^<>:]*))?$/i],
    ['wildcard', /__([^\s_][^\s]*?|)$/],
    ['embedding', /(?:^|[\s,(])embedding:([^\s,()]*)$/i],
  ]
  for (const [kind, pattern] of patterns) {
    const match = pattern.exec(before)
    if (!match || (kind === 'wildcard' && isClosing(before))) continue
    const lead = kind === 'embedding' ? match[0].search(/embedding:/i) : 0
    return { kind, query: match[1] ?? '', from: match.index + lead, to: caret }
  }
  const word = /(?:^|[\s,(|{])([\p{L}\d][\p{L}\d_-]{2,})$/u.exec(before)
  return word ? { kind: 'embedding', query: word[1]!, from: caret - word[1]!.length, to: caret } : null
}

/** Whether the two lines at the end close a wildcard rather than begin one. */
const isClosing = (text: string): boolean => ((text.match(/__/g) ?? []).length & 1) === 0

/** What stands in the text once a name was chosen. */
export function completed(kind: Completing['kind'], name: string): string {
  if (kind === 'lora') return `<lora:${withoutEnding(name)}:1>`
  if (kind === 'wildcard') return `__${name}__`
  return `embedding:${withoutEnding(name)}`
}

export const withoutEnding = (name: string): string =>
  name.replace(/\.(safetensors|ckpt|pt|pth|bin|gguf|sft|txt|ya?ml)$/i, '')

/** Whether a pasted text is a picture's settings or a workflow rather than words for a picture. */
export function looksLikeSettings(text: string): boolean {
  const trimmedText = text.trim()
  if (
    trimmedText.startsWith('{') &&
    trimmedText.endsWith('}') &&
    /"(class_type|nodes|inputs)"/.test(trimmedText)
  )
    return true
  return /(?:^|\n)\s*Steps:\s*\d+\s*,.*\b(Sampler|Seed|CFG scale):/i.test(trimmedText)
}
