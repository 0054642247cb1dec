// Graphs of 500 and 2000 nodes with widgets: how soon they can be moved, how smoothly they move, what they weigh.
const RUNS = 3
const GESTURE = 1_500
// As often as a mouse tells where it is: 125 times a second.
const MOVE = 8

/** A graph of many samplers and what feeds them, each with ports and fields. */
export function manyNodes(count) {
  const nodes = []
  const links = []
  const across = Math.ceil(Math.sqrt(count))
  for (let at = 0; at < count; at += 1) {
    const isSampler = at % 2 === 1
    const pos = [(at % across) * 420, Math.floor(at / across) * 380]
    const id = at + 1
    const before = isSampler ? id - 1 : id - 1
    const link = isSampler ? links.length + 1 : null
    if (isSampler) links.push([link, before, 0, id, 3, 'LATENT'])
    nodes.push(
      isSampler
        ? {
            id,
            type: 'KSampler',
            pos,
            size: [315, 262],
            flags: {},
            mode: 0,
            inputs: ['model', 'positive', 'negative', 'latent_image'].map((name, slot) => ({
              name,
              type: ['MODEL', 'CONDITIONING', 'CONDITIONING', 'LATENT'][slot],
              link: slot === 3 ? link : null,
            })),
            outputs: [{ name: 'LATENT', type: 'LATENT', links: null }],
            properties: {},
            widgets_values: [at, 'randomize', 20, 8, 'euler', 'normal', 1],
          }
        : {
            id,
            type: 'EmptyLatentImage',
            pos,
            size: [315, 106],
            flags: {},
            mode: 0,
            inputs: [],
            outputs: [{ name: 'LATENT', type: 'LATENT', links: [links.length + 1] }],
            properties: {},
            widgets_values: [512, 512, 1],
          },
    )
  }
  return {
    last_node_id: count,
    last_link_id: links.length,
    nodes,
    links,
    groups: [],
    extra: {},
    version: 0.4,
  }
}

const median = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]

/** Puts a workflow among the drafts, open: the page opens with it. */
async function keepDraft(page, url, workflow) {
  await page.goto(`${url}/studio/settings`)
  await page.evaluate(async (kept) => {
    const opened = await new Promise((done, fail) => {
      const wish = indexedDB.open('limner-drafts')
      wish.onupgradeneeded = () => wish.result.createObjectStore('drafts')
      wish.onsuccess = () => done(wish.result)
      wish.onerror = () => fail(wish.error)
    })
    await new Promise((done, fail) => {
      const write = opened.transaction('drafts', 'readwrite')
      write.objectStore('drafts').put(
        {
          id: 'bench',
          title: 'Bench',
          path: '',
          tag: '',
          workflow: kept,
          dirty: false,
          touched: Date.now(),
          open: true,
        },
        'bench',
      )
      write.oncomplete = done
      write.onerror = () => fail(write.error)
    })
    opened.close()
  }, workflow)
}

/** Milliseconds from going to the graph (the studio is loaded) until its nodes are painted and it can be moved. */
async function opening(page, url) {
  await page.goto(`${url}/studio/settings`)
  await page.waitForTimeout(1_500)
  return page.evaluate(async () => {
    const began = performance.now()
    document.querySelector('a[href$="/studio/graph"], a[href*="/studio/graph"]').click()
    while (document.querySelectorAll('[data-node]').length < 20) await new Promise(requestAnimationFrame)
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    return performance.now() - began
  })
}

/** Frames a second, and the 95th percentile of a frame, while something is done. */
async function frames(page, act) {
  await page.evaluate(() => {
    globalThis.__frames = []
    const tick = (now) => {
      globalThis.__frames?.push(now)
      if (globalThis.__frames) requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
  })
  await act()
  return page.evaluate(() => {
    const times = globalThis.__frames
    globalThis.__frames = null
    const gaps = times.slice(1).map((time, at) => time - times[at])
    const sorted = [...gaps].sort((one, other) => one - other)
    const whole = times.at(-1) - times[0]
    return { fps: (gaps.length / whole) * 1000, slow: sorted[Math.floor(sorted.length * 0.95)] ?? 0 }
  })
}

async function drag(page, from, button) {
  await page.mouse.move(...from)
  await page.mouse.down({ button })
  const end = Date.now() + GESTURE
  const began = Date.now()
  for (let at = 0; Date.now() < end; at += 1) {
    await page.mouse.move(from[0] + Math.sin(at / 12) * 220, from[1] + Math.cos(at / 12) * 120)
    const wait = began + (at + 1) * MOVE - Date.now()
    if (wait > 0) await page.waitForTimeout(wait)
  }
  await page.mouse.up({ button })
}

async function zoom(page, at) {
  await page.mouse.move(...at)
  const end = Date.now() + GESTURE
  for (let turn = 0; Date.now() < end; turn += 1) {
    await page.mouse.wheel(0, turn % 24 < 12 ? 30 : -30)
    await page.waitForTimeout(12)
  }
}

async function weigh(context, page) {
  const session = await context.newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  const of = (name) => metrics.find((metric) => metric.name === name)?.value ?? 0
  return { elements: of('Nodes'), heap: of('JSHeapUsedSize') / 1e6 }
}

/** The middle of the graph on the screen, and a node's header. */
const places = (page) =>
  page.evaluate(() => {
    const box = document.querySelector('.react-flow').getBoundingClientRect()
    const heads = [...document.querySelectorAll('[data-node]')].map((node) => node.getBoundingClientRect())
    const middle = [box.x + box.width / 2, box.y + box.height / 2]
    const away = (rect) => Math.hypot(rect.x - middle[0], rect.y - middle[1])
    const near = heads.sort((one, other) => away(one) - away(other))[0]
    return { middle, node: [near.x + near.width / 2, near.y + 4], ground: [near.x - 4, near.y - 6] }
  })

async function keystroke(page) {
  await page.keyboard.press('Control+0')
  await page.waitForTimeout(600)
  return page.evaluate(async () => {
    const field = document.querySelector('.graph-field input[role=spinbutton]')
    field.focus()
    const times = []
    for (let turn = 0; turn < 30; turn += 1) {
      const began = performance.now()
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true, cancelable: true }))
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
      times.push(performance.now() - began)
    }
    return times.sort((one, other) => one - other)[Math.floor(times.length * 0.95)]
  })
}

async function measure({ openPage, server }) {
  const { context, page } = await openPage()
  await keepDraft(page, server.url, manyNodes(500))
  const ready = []
  for (let run = 0; run < RUNS; run += 1) ready.push(await opening(page, server.url))
  await page.waitForTimeout(500)
  const weight = await weigh(context, page)
  const { middle, node, ground } = await places(page)
  const pan = await frames(page, () => drag(page, ground, 'middle'))
  const moved = await frames(page, () => drag(page, node, 'left'))
  const zoomed = await frames(page, () => zoom(page, middle))
  const key = await keystroke(page)

  const large = await openPage()
  await keepDraft(large.page, server.url, manyNodes(2_000))
  const opened = await opening(large.page, server.url)
  await large.page.waitForTimeout(500)
  const far = await places(large.page)
  const panned = await frames(large.page, () => drag(large.page, far.ground, 'middle'))
  return [
    { what: '500 nodes: open', value: median(ready), unit: 'ms', budget: 1_200 },
    { what: '500 nodes: pan', value: pan.fps, unit: 'fps', budget: 50, atLeast: true },
    { what: '500 nodes: pan, 95th percentile of a frame', value: pan.slow, unit: 'ms', budget: 34 },
    { what: '500 nodes: drag a node', value: moved.fps, unit: 'fps', budget: 50, atLeast: true },
    { what: '500 nodes: zoom', value: zoomed.fps, unit: 'fps', budget: 40, atLeast: true },
    { what: '500 nodes from far: DOM elements', value: weight.elements, unit: '', budget: 12_000 },
    { what: '500 nodes from far: heap', value: weight.heap, unit: 'MB', budget: 80 },
    { what: '500 nodes: key to pixel, 95th percentile', value: key, unit: 'ms', budget: 50 },
    { what: '2000 nodes: open', value: opened, unit: 'ms' },
    { what: '2000 nodes: pan', value: panned.fps, unit: 'fps', budget: 25, atLeast: true },
  ]
}

export const bench = { name: 'Graph', measure }
