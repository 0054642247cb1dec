/**
 * Whole numbers that a double cannot hold: seeds go to 2^64. They are read as bigints and written back digit by digit,
 * so that a file that is opened and saved again has the seeds that it had.
 */

type RawJson = { rawJSON?: (text: string) => object }

/** Strings and numbers of a JSON text. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g
const LONG = /\d{16}/
const LONG_WHOLE = /^-?[1-9]\d{15,}$/
/** Begins the texts that stand for long numbers while they are read. */
const MARK = '\0'

/** Reads JSON. Whole numbers beyond 2^53 are bigints. */
export function parseExact(text: string): unknown {
  if (!LONG.test(text)) return JSON.parse(text)
  let long = false
  const marked = text.replace(TOKENS, (token) => {
    if (!LONG_WHOLE.test(token) || Number.isSafeInteger(Number(token))) return token
    long = true
    return `"\\u0000${token}"`
  })
  return long ? JSON.parse(marked, revive) : JSON.parse(text)
}

const revive = (_: string, value: unknown): unknown =>
  typeof value === 'string' && value.startsWith(MARK) && LONG_WHOLE.test(value.slice(1))
    ? BigInt(value.slice(1))
    : value

const listeners = new Set<() => void>()

/** Calls back whenever a number is rounded because the browser cannot write all of its digits. */
export function onRounded(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** A whole number as a plain one, if a double holds it. */
export const plainIfSafe = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value

/** Whether a value is a whole number, however large. */
export const isWhole = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' || Number.isInteger(value)

// JSON.stringify refuses bigints unless they say how they are written, and it is called in many places.
Object.defineProperty(BigInt.prototype, 'toJSON', {
  configurable: true,
  value(this: bigint) {
    const written = (JSON as RawJson).rawJSON?.(this.toString())
    if (!written) for (const listener of listeners) listener()
    return written ?? Number(this)
  },
})
