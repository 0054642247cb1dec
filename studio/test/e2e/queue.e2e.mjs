// Flow g: what waits is moved, cancelled with time to take that back, and tried again. Flow k: a killed server is survived.
import assert from 'node:assert/strict'
import { EVERYWHERE, flow, until } from './stage.mjs'

/** Asks for pictures as any program would; those of a name share a group. */
async function ask(server, text, { count = 1, group = '', seed = 1, steps = 4 } = {}) {
  const { prompt } = await server.json('/limner/recipes/text', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      values: { 'prompt.positive': text, 'sampler.steps': steps, 'sampler.seed': seed },
    }),
  })
  const ids = []
  for (let turn = 0; turn < count; turn += 1) {
    const made = structuredClone(prompt)
    for (const node of Object.values(made)) if ('seed' in node.inputs) node.inputs.seed = seed + turn
    const body = { prompt: made, extra_data: { limner: { title: text, group, group_title: text } } }
    const said = await server.json('/prompt', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    ids.push(said.prompt_id)
  }
  return ids
}

const order = (server, path, body = {}) =>
  server.json(`/limner/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })

const listed = async (server, state) => (await server.json(`/limner/jobs?state=${state}`)).jobs

flow(
  'queue',
  async ({ page, server, variant, shot, axe, open }) => {
    await order(server, 'queue/pause')
    await order(server, 'jobs/cancel', { all: true })
    const [first] = await ask(server, 'a red apple')
    const [second] = await ask(server, 'a blue boat', { seed: 7 })
    const [third] = await ask(server, 'a green tree', { seed: 9 })
    await open('queue')
    const waiting = () =>
      page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Move / }) })
    await waiting().nth(2).waitFor()
    await shot('waiting')
    await axe('waiting')

    // By keyboard: the last one up by one, and to the top.
    const handle = page.getByRole('button', { name: /^Move a green tree/ })
    await handle.focus()
    await page.keyboard.press('ArrowUp')
    await until(async () => (await listed(server, 'waiting'))[1].id === third, 20_000)
    await page.keyboard.press('Home')
    await until(async () => (await listed(server, 'waiting'))[0].id === third, 20_000)

    // By hand: the first one below the last.
    if (variant.size !== 'phone') {
      await waiting().first().filter({ hasText: 'a green tree' }).waitFor()
      const from = await page.getByRole('button', { name: /^Move a green tree/ }).boundingBox()
      const to = await waiting().nth(2).boundingBox()
      await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
      await page.mouse.down()
      await page.mouse.move(from.x + 10, to.y + to.height - 4, { steps: 8 })
      await page.mouse.up()
      await until(async () => (await listed(server, 'waiting'))[2].id === third, 20_000)
    }

    // Cancelled, taken back, cancelled for good.
    const cancel = () =>
      page
        .getByRole('listitem')
        .filter({ hasText: 'a blue boat' })
        .getByRole('button', { name: 'Cancel', exact: true })
    await cancel().click()
    await until(
      async () => (await listed(server, 'held')).find((job) => job.id === second)?.state === 'held',
      20_000,
    )
    await page.getByRole('button', { name: 'Undo' }).click()
    await until(
      async () => (await listed(server, 'waiting')).find((job) => job.id === second)?.state === 'waiting',
      20_000,
    )
    await cancel().click()
    await until(async () => !(await listed(server, 'waiting')).some((job) => job.id === second), 30_000)

    // Released: both are drawn, and shown as done.
    await page.getByRole('status').getByRole('button', { name: 'Resume' }).click()
    await until(async () => (await listed(server, 'succeeded')).length >= 2, 90_000)
    await page.getByText('a red apple').first().click()
    await page.getByRole('heading', { name: 'a red apple' }).waitFor()
    await page.getByText('Timeline').waitFor()
    await shot('details')
    await axe('details')
    const again = page.getByRole('button', { name: 'Run again' }).first()
    await again.click()
    await until(async () => (await listed(server, 'succeeded')).length >= 3, 60_000)
    assert.ok((await listed(server, 'succeeded')).some((job) => job.id === first))
    if (variant.size !== 'desktop') await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Clear finished' }).click()
    await until(async () => (await server.json('/limner/queue')).finished === 0, 30_000)
    await shot('empty')
  },
  { variants: EVERYWHERE, timeout: 240_000 },
)

flow(
  'queue after a crash',
  async ({ page, server, shot, open }) => {
    const ids = await ask(server, 'two cats', { count: 6, group: 'cats', steps: 30 })
    await open('queue')
    await page.getByText('two cats').first().waitFor()
    await until(async () => (await listed(server, 'running')).length > 0, 60_000)
    await server.kill()
    await page.getByText('No connection to the server').waitFor()
    await shot('lost')
    await server.start()
    await page.getByText('No connection to the server').waitFor({ state: 'hidden', timeout: 30_000 })
    await until(async () => (await listed(server, 'succeeded')).length === ids.length, 180_000)
    await page.getByRole('heading', { name: 'Done' }).waitFor()
    await page.reload()
    await page.getByText('6 jobs').waitFor()
    await shot('after')
  },
  { own: true, timeout: 300_000 },
)
