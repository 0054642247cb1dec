// What the first screen weighs and how soon one can write a prompt.
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const DIST = resolve(dirname(fileURLToPath(import.meta.url)), '../../dist')
const RUNS = 5
// The server's worker has just begun, and warms itself up.
const CALM = 12_000

const weigh = (name) => gzipSync(readFileSync(join(DIST, name)), { level: 6 }).length / 1000

/** The files that an entry of the manifest brings along at once. */
function closure(manifest, key, seen = new Set()) {
  const entry = manifest[key]
  if (!entry || seen.has(entry.file)) return seen
  seen.add(entry.file)
  for (const style of entry.css ?? []) seen.add(style)
  for (const other of entry.imports ?? []) closure(manifest, other, seen)
  return seen
}

const median = (values) => values.sort((one, other) => one - other)[Math.floor(values.length / 2)]

function sizes() {
  const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'))
  const entry = closure(manifest, 'index.html')
  const of = (key) => closure(manifest, key)
  const first = new Set([...entry, ...of('src/features/create/create-screen.tsx')])
  const sum = (files, ending) =>
    [...files].filter((name) => name.endsWith(ending)).reduce((total, name) => total + weigh(name), 0)
  const extra = (key) => sum(new Set([...of(key)].filter((name) => !first.has(name))), '.js')
  const rows = [
    {
      what: 'JavaScript of the first screen (Create), gzip',
      value: sum(first, '.js'),
      unit: 'kB',
      budget: 260,
    },
    { what: 'CSS of the first screen, gzip', value: sum(first, '.css'), unit: 'kB', budget: 30 },
    { what: 'Graph, extra', value: extra('src/features/graph/graph-screen.tsx'), unit: 'kB', budget: 130 },
    { what: 'Canvas, extra', value: extra('src/features/canvas/canvas-screen.tsx'), unit: 'kB', budget: 110 },
  ]
  for (const key of Object.keys(manifest).filter((name) =>
    /features\/[\w-]+\/[\w-]+-screen\.tsx$/.test(name),
  )) {
    if (/\/(create|graph|canvas)-screen/.test(key)) continue
    rows.push({
      what: `${key.split('/').at(-1).replace('-screen.tsx', '')}, extra`,
      value: extra(key),
      unit: 'kB',
      budget: 80,
    })
  }
  const font = Object.values(manifest).find((item) => /inter-latin-wght-normal/.test(item.file ?? ''))
  if (font)
    rows.push({
      what: 'font',
      value: readFileSync(join(DIST, font.file)).length / 1000,
      unit: 'kB',
      budget: 50,
    })
  return rows
}

/**
 * Milliseconds from the request until the prompt takes keys. The page itself looks, each frame: a driver from outside looks
 * every half second, and competes with the page.
 */
async function usable(openPage, server, slower) {
  const times = []
  for (let run = 0; run < RUNS; run += 1) {
    const { browser, context, page } = await openPage()
    if (slower > 1) {
      const session = await context.newCDPSession(page)
      await session.send('Emulation.setCPUThrottlingRate', { rate: slower })
    }
    await page.addInitScript(() => {
      globalThis.takesKeys = new Promise((done) => {
        const look = () => {
          const prompt = document.querySelector('textarea[aria-label="Prompt"]')
          prompt?.focus()
          if (prompt && document.activeElement === prompt)
            requestAnimationFrame(() => done(performance.now()))
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      })
    })
    await page.goto(`${server.url}/studio/create`, { waitUntil: 'commit' })
    times.push(await page.evaluate(() => globalThis.takesKeys))
    await page.keyboard.type('x')
    if (!(await page.getByRole('textbox', { name: 'Prompt', exact: true }).inputValue()).includes('x'))
      throw new Error('the prompt takes no keys')
    await browser.close()
  }
  return median(times)
}

export const bench = {
  name: 'First load',
  measure: async ({ openPage, server }) => {
    await new Promise((done) => setTimeout(done, CALM))
    return [
      ...sizes(),
      { what: 'prompt takes keys, cold', value: await usable(openPage, server, 1), unit: 'ms', budget: 1500 },
      {
        what: 'the same on a CPU four times slower',
        value: await usable(openPage, server, 4),
        unit: 'ms',
        budget: 4000,
      },
    ]
  },
}
