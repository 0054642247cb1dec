// A real server with the built-in model and a real browser, for flows in `*.e2e.mjs` (node:test). Nothing is mocked.
//
//   import { flow } from './stage.mjs'
//   flow('first picture', async ({ page, server, shot, check }) => { ... })
//
// A flow gets a page of its own on a server that the file shares; `variants` runs it in several themes and sizes.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openBrowser } from '../browser.mjs'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
const SHOTS = process.env.STUDIO_SHOTS ?? join(ROOT, 'build', 'studio-shots')
export const LIMNER = process.env.LIMNER_COMMAND ?? join(ROOT, '.venv', 'bin', 'limner')

export const SIZES = { desktop: [1600, 1000], tablet: [1024, 768], phone: [390, 844] }
/** Every theme at every size. */
export const EVERYWHERE = ['dark', 'light'].flatMap((theme) =>
  Object.keys(SIZES).map((size) => ({ theme, size })),
)
export const DESKTOP = [{ theme: 'dark', size: 'desktop' }]
export const PHONE = [{ theme: 'dark', size: 'phone' }]

/** A server that can be killed and started again over the same data and port. */
export class Server {
  constructor({ data, args = [] } = {}) {
    this.data = data ?? mkdtempSync(join(tmpdir(), 'studio-'))
    this.args = args
    this.log = ''
  }

  get url() {
    return `http://127.0.0.1:${this.port}`
  }

  async start() {
    this.port ??= await freePort()
    const args = ['serve', '--port', String(this.port), '--data', this.data, ...this.args]
    this.process = spawn(LIMNER, args, { env: { ...process.env, OMP_NUM_THREADS: '2' } })
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on('data', (text) => {
        this.log = `${this.log}${text}`.slice(-100_000)
      })
    }
    await until(
      async () => [200, 401].includes((await fetch(`${this.url}/object_info`)).status),
      60_000,
      () => `the server did not start:\n${this.log}`,
    )
    return this
  }

  /** Ends it at once, as a crash would. */
  async kill() {
    if (!this.process || this.process.exitCode !== null) return
    const gone = once(this.process, 'exit')
    this.process.kill('SIGKILL')
    await gone
  }

  async close() {
    await this.kill()
    rmSync(this.data, { recursive: true, force: true })
  }

  async json(path, options) {
    const answer = await fetch(this.url + path, options)
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`)
    return answer.json()
  }
}

let shared
after(async () => {
  await shared?.close()
})

/** The server of this file. */
export async function sharedServer(args = []) {
  shared ??= new Server({ args })
  if (!shared.process || shared.process.exitCode !== null || shared.process.signalCode) await shared.start()
  return shared
}

/**
 * A flow through the studio.
 * @param {string} name
 * @param {(stage: {page: import('playwright-core').Page, context: import('playwright-core').BrowserContext, server: Server,
 *   variant: {theme: string, size: string}, shot: (name: string) => Promise<void>, axe: (name?: string) => Promise<void>,
 *   open: (path?: string) => Promise<void>}) => Promise<void>} steps
 * @param {{variants?: {theme: string, size: string}[], timeout?: number, args?: string[], own?: boolean,
 *   from?: () => Promise<Server>}} options
 *   `own`: a server that no other flow uses; `from`: one that the file has prepared and closes itself.
 */
export function flow(
  name,
  steps,
  { variants = DESKTOP, timeout = 120_000, args = [], own = false, from } = {},
) {
  for (const variant of variants) {
    test(`${name} (${variant.theme}, ${variant.size})`, { timeout }, async () => {
      const server = own ? await new Server({ args }).start() : await (from?.() ?? sharedServer(args))
      const [width, height] = SIZES[variant.size]
      const { browser, context, page } = await openBrowser({
        width,
        height,
        theme: variant.theme,
        touch: variant.size === 'phone',
      })
      const outside = []
      const faults = []
      page.on('request', (request) => {
        const url = new URL(request.url())
        if (/^(http|ws)/.test(url.protocol) && url.port !== String(server.port)) outside.push(request.url())
      })
      page.on('pageerror', (error) => faults.push(error.message))
      const shot = async (what) => {
        mkdirSync(SHOTS, { recursive: true })
        await page.screenshot({
          path: join(SHOTS, `${slug(name)}-${what}-${variant.theme}-${variant.size}.png`),
        })
      }
      const stage = {
        page,
        context,
        server,
        variant,
        shot,
        axe: (what = 'page') => checkAccessible(page, what),
        open: (path = '') => page.goto(`${server.url}/studio/${path}`),
      }
      try {
        await steps(stage)
        assert.deepEqual(outside, [], 'requests left the machine')
        assert.deepEqual(faults, [], 'faults in the page')
      } catch (error) {
        await shot('failed').catch(() => undefined)
        throw error
      } finally {
        await browser.close()
        if (own) await server.close()
      }
    })
  }
}

const AXE = resolve(dirname(fileURLToPath(import.meta.url)), '../../node_modules/axe-core/axe.min.js')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Fails if axe finds anything on the page as it is now. */
export async function checkAccessible(page, what = 'page') {
  await page.evaluate(readFileSync(AXE, 'utf8'))
  const found = await page.evaluate(async (tags) => {
    const only = { resultTypes: ['violations'] }
    const most = await globalThis.axe.run(document, {
      ...only,
      runOnly: tags,
      rules: { 'target-size': { enabled: false } },
    })
    // What lies in the graph is as large as somebody zoomed it; the outline has the same fields at their full size (2.5.8, equivalent).
    const scaled = document.querySelector('.react-flow__viewport')
      ? { exclude: ['.react-flow__viewport'] }
      : document
    const sizes = await globalThis.axe.run(scaled, {
      ...only,
      runOnly: { type: 'rule', values: ['target-size'] },
    })
    return [...most.violations, ...sizes.violations]
  }, RULES)
  const said = found.map(
    ({ id, impact, nodes }) =>
      `${id} (${impact}): ${nodes
        .slice(0, 4)
        .map(
          (node) =>
            `${node.target.join(' ')} ${node.html.slice(0, 160)}\n      ${(node.failureSummary ?? '').replaceAll('\n', ' ').slice(0, 300)}`,
        )
        .join('\n    ')}`,
  )
  assert.equal(said.length, 0, `axe on ${what}:\n  ${said.join('\n  ')}`)
}

/** What a picture on the page is like once it is decoded: its size, and how far its pixels are from one colour. */
export const pixelsOf = (image) =>
  image.evaluate(async (element) => {
    await element.decode()
    const canvas = document.createElement('canvas')
    canvas.width = element.naturalWidth
    canvas.height = element.naturalHeight
    const context = canvas.getContext('2d')
    context.drawImage(element, 0, 0)
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    const values = Array.from(
      { length: data.length / 4 },
      (_, at) => data[at * 4] + data[at * 4 + 1] + data[at * 4 + 2],
    )
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
    return { width: canvas.width, height: canvas.height, spread }
  })

/** Waits until something is so. */
export async function until(condition, milliseconds = 30_000, reason = () => 'it did not become so in time') {
  const end = Date.now() + milliseconds
  for (;;) {
    try {
      const value = await condition()
      if (value) return value
    } catch {
      // Not yet.
    }
    if (Date.now() > end) throw new Error(reason())
    await new Promise((done) => setTimeout(done, 100))
  }
}

function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}

const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-')

export const isBuilt = existsSync(join(ROOT, 'studio', 'dist', 'index.html'))
