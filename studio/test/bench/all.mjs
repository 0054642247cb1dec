// Every budget of the studio, measured on the built studio against a real server: make studio-bench
//
// A file `<name>.mjs` in this folder with `export const bench = {name, measure}` is measured; `measure({openPage, server})` gives rows
// {what, value, unit, budget, atLeast?}. What breaks its budget is marked, and the exit status says so.
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openBrowser } from '../browser.mjs'
import { Server } from '../e2e/stage.mjs'

const FOLDER = dirname(fileURLToPath(import.meta.url))
const wanted = process.argv.slice(2)
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.mjs') && name !== 'all.mjs')

let broken = 0
for (const name of names.sort()) {
  if (wanted.length > 0 && !wanted.some((word) => name.startsWith(word))) continue
  const { bench } = await import(join(FOLDER, name))
  if (!bench) continue
  const server = bench.offline ? undefined : await new Server({ args: bench.args ?? [] }).start()
  const opened = []
  const openPage = async (options = {}) => {
    const { browser, context, page } = await openBrowser({ width: 1600, height: 1000, ...options })
    opened.push(browser)
    return { browser, context, page }
  }
  try {
    console.log(`\n${bench.name}`)
    for (const row of await bench.measure({ openPage, server })) broken += show(row)
  } finally {
    for (const browser of opened) await browser.close().catch(() => undefined)
    await server?.close()
  }
}
process.exit(broken > 0 ? 1 : 0)

function show({ what, value, unit, budget, atLeast = false }) {
  const kept = budget === undefined || (atLeast ? value >= budget : value <= budget)
  const shown = Number.isInteger(value) ? value : value.toFixed(value < 10 ? 2 : 1)
  const limit = budget === undefined ? '' : `${atLeast ? '>=' : '<='} ${budget}`
  console.log(
    `  ${kept ? 'ok  ' : 'MISS'} ${what.padEnd(46)} ${String(shown).padStart(9)} ${unit.padEnd(5)} ${limit}`,
  )
  return kept ? 0 : 1
}
