/**
 * Values of an axis as people write them: one parser for numbers, texts, choices and switches.
 *
 * `1, 2, 3` · `1, 2, .., 10` · `1-10 (+3)` · `0.1-0.9 [5]` · `a || b, c || d` · `*` in names of choices · texts that are
 * searched and replaced, or put in every order.
 */

export type AxisKind = 'whole' | 'number' | 'text' | 'choice' | 'switch'

/** What values there can be. */
export interface AxisRange {
  kind: AxisKind
  min?: number
  max?: number
  choices?: readonly (string | number | boolean)[]
}

export interface AxisValue {
  label: string
  value: unknown
}

export type AxisMode = 'values' | 'replace' | 'permute'

/** Why a text is no list of values; `token` is the part that is meant. */
export interface AxisProblem {
  code:
    | 'empty'
    | 'number'
    | 'whole'
    | 'range'
    | 'step'
    | 'count'
    | 'dots'
    | 'choice'
    | 'switch'
    | 'many'
    | 'absent'
    | 'few'
  token: string
}

export type AxisResult = { values: AxisValue[]; problem?: undefined } | { values: []; problem: AxisProblem }

/** The most values that an axis may have. */
export const MOST_VALUES = 200
/** Words that can be put in every order: 5 make 120 orders. */
const MOST_WORDS = 5

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`
const RANGE = new RegExp(
  String.raw`^(${NUMBER})\s*-\s*(${NUMBER})(?:\s*\(\s*([-+](?:\d+\.?\d*|\.\d+))\s*\)|\s*\[\s*(\d+)\s*\])?$`,
  'i',
)
const PLAIN = new RegExp(`^${NUMBER}$`, 'i')

class Refusal extends Error {
  constructor(readonly problem: AxisProblem) {
    super(problem.code)
  }
}

const refuse = (code: AxisProblem['code'], token: string): never => {
  throw new Refusal({ code, token })
}

/** Reads the values of an axis. Equal ones are given once, in the order in which they were written. */
export const parseAxis = (text: string, range: AxisRange): AxisResult => read(() => valuesOf(text, range))

/** A text once for each word: the first one is looked for in it and replaced by each of the others. */
export const replaceAxis = (text: string, words: string): AxisResult =>
  read(() => {
    const parts = split(words)
    const [search] = parts
    if (!search) return refuse('empty', '')
    if (parts.length < 2) return refuse('few', search)
    if (!text.includes(search)) return refuse('absent', search)
    return parts.map((word) => ({ label: word, value: text.split(search).join(word) }))
  })

/** A text once for every order of some of its words. */
export const permuteAxis = (text: string, words: string): AxisResult =>
  read(() => {
    const parts = [...new Set(split(words))]
    if (parts.length < 2) return refuse('few', parts[0] ?? '')
    if (parts.length > MOST_WORDS) return refuse('many', String(parts.length))
    const absent = parts.find((word) => !text.includes(word))
    if (absent !== undefined) return refuse('absent', absent)
    return permutations(parts).map((order) => ({ label: order.join(', '), value: reordered(text, order) }))
  })

function read(work: () => AxisValue[]): AxisResult {
  try {
    return { values: work() }
  } catch (error) {
    if (error instanceof Refusal) return { values: [], problem: error.problem }
    throw error
  }
}

function valuesOf(text: string, range: AxisRange): AxisValue[] {
  const tokens = split(text)
  if (tokens.length === 0) refuse('empty', '')
  const values = new Map<unknown, AxisValue>()
  for (const value of READERS[range.kind](tokens, range)) {
    values.set(value, { label: String(value), value })
    if (values.size > MOST_VALUES) refuse('many', String(MOST_VALUES))
  }
  return [...values.values()]
}

/** The parts of a list: at `||` if there is one, so that values may hold commas; else at commas and new lines. */
export function split(text: string): string[] {
  const parts = text.includes('||') ? text.split('||') : text.split(/[,\n]/)
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

const READERS: Record<AxisKind, (tokens: string[], range: AxisRange) => Iterable<unknown>> = {
  whole: numbers,
  number: numbers,
  text: (tokens) => tokens,
  choice: (tokens, range) => tokens.flatMap((token) => chosen(token, range.choices ?? [])),
  switch: (tokens) => tokens.flatMap(switched),
}

function* numbers(tokens: string[], range: AxisRange): Generator<number> {
  const known: number[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!
    const found = /^\.{2,3}$/.test(token)
      ? between(known, tokens[at + 1], token)
      : numbersOf(token, range.kind)
    for (const value of found) {
      check(value, token, range)
      known.push(value)
      if (known.length > MOST_VALUES * 2) refuse('many', token)
      yield value
    }
  }
}

function check(value: number, token: string, { kind, min, max }: AxisRange): void {
  if (kind === 'whole' && !Number.isInteger(value)) refuse('whole', token)
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) refuse('range', token)
}

/** What `..` stands for: on from the last number, by the step of the last two, until just before the next one. */
function between(known: readonly number[], next: string | undefined, token: string): number[] {
  const last = known.at(-1)
  if (last === undefined || next === undefined || !PLAIN.test(next)) return refuse('dots', token)
  const end = Number(next)
  const before = known.at(-2)
  const step = before === undefined ? Math.sign(end - last) || 1 : last - before
  if (step === 0 || Math.sign(end - last) !== Math.sign(step)) return refuse('dots', token)
  return steps(last, end, step, token).slice(1)
}

function numbersOf(token: string, kind: AxisKind): number[] {
  if (PLAIN.test(token)) return [Number(token)]
  const [, from, to, step, count] = RANGE.exec(token) ?? []
  if (from === undefined || to === undefined) return refuse('number', token)
  const [start, end] = [Number(from), Number(to)]
  if (count !== undefined) return spread(start, end, Number(count), kind, token)
  if (step === undefined && kind !== 'whole') return refuse('step', token)
  const by = step === undefined ? Math.sign(end - start) || 1 : Number(step)
  if (by === 0 || (end !== start && Math.sign(end - start) !== Math.sign(by))) return refuse('step', token)
  return steps(start, end, by, token)
}

/** From one number to another by a step; the end is in it if a step falls on it. */
function steps(start: number, end: number, step: number, token: string): number[] {
  const count = Math.floor((end - start) / step + 1e-9) + 1
  if (count > MOST_VALUES) refuse('many', token)
  const digits = Math.max(digitsOf(start), digitsOf(step))
  return Array.from({ length: count }, (_, at) => rounded(start + at * step, digits))
}

/** So many numbers from one to another, evenly. */
function spread(start: number, end: number, count: number, kind: AxisKind, token: string): number[] {
  if (count < 1) refuse('count', token)
  if (count > MOST_VALUES) refuse('many', token)
  if (count === 1) return [start]
  return Array.from({ length: count }, (_, at) =>
    rounded(start + ((end - start) * at) / (count - 1), kind === 'whole' ? 0 : 6),
  )
}

const digitsOf = (value: number): number =>
  Number.isInteger(value) ? 0 : Math.min(10, (String(value).split('.')[1] ?? '').length || 10)

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

/** The choices that a token names: one by its name, or all that a pattern with `*` fits. */
function chosen(token: string, choices: NonNullable<AxisRange['choices']>): unknown[] {
  const exact = choices.find((choice) => String(choice) === token)
  if (exact !== undefined) return [exact]
  const lower = token.toLowerCase()
  if (token.includes('*')) {
    const pattern = new RegExp(`^${lower.split('*').map(escaped).join('.*')}$`, 's')
    const found = choices.filter((choice) => pattern.test(String(choice).toLowerCase()))
    return found.length > 0 ? found : refuse('choice', token)
  }
  const alike = choices.filter((choice) => String(choice).toLowerCase() === lower)
  const part =
    alike.length > 0 ? alike : choices.filter((choice) => String(choice).toLowerCase().includes(lower))
  return part.length === 1 ? part : refuse('choice', token)
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

const ON = new Set(['true', 'yes', 'on', '1'])
const OFF = new Set(['false', 'no', 'off', '0'])

function switched(token: string): boolean[] {
  const word = token.toLowerCase()
  if (word === '*') return [true, false]
  if (ON.has(word)) return [true]
  return OFF.has(word) ? [false] : refuse('switch', token)
}

function permutations(words: string[]): string[][] {
  if (words.length < 2) return [words]
  return words.flatMap((word, at) =>
    permutations([...words.slice(0, at), ...words.slice(at + 1)]).map((rest) => [word, ...rest]),
  )
}

/** A text with some of its words in another order, each at the place of one of them. */
function reordered(text: string, order: string[]): string {
  const pattern = new RegExp(
    [...order]
      .sort((one, other) => other.length - one.length)
      .map(escaped)
      .join('|'),
    'g',
  )
  const first = new Map<string, number>()
  for (const found of text.matchAll(pattern)) {
    if (!first.has(found[0])) first.set(found[0], first.size)
  }
  return text.replace(pattern, (word) => order[first.get(word)!] ?? word)
}
