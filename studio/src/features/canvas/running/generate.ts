/** Runs the canvas: what lies in the box goes to the server, the recipe is written, and results are staged. */
import type { QueryClient } from '@tanstack/react-query'
import { type RunWish, run } from '@/app/run'
import { fromApi } from '@/doc/api-form'
import type { Definitions } from '@/doc/definitions'
import { LARGEST_SEED, randomSeed } from '@/doc/seeds'
import type { Workflow } from '@/doc/workflow'
import { writeSeedControl } from '@/form/field-values'
import { type DrawingModel, writeRecipe } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { loadDefinitions } from '@/net/definitions'
import { inputName, uploadInput } from '@/net/files'
import { drawnSize } from '../box/box-actions'
import {
  alphaCanvas,
  initPicture,
  layerPicture,
  maskPicture,
  referencePicture,
  regionPicture,
  resultAlpha,
} from '../box/box-contents'
import type { Alpha } from '../pixels/alpha'
import { layerBounds } from '../pixels/composite'
import { stagingOf } from '../staging/staging'
import { type CanvasSettings, editCanvas, type Task } from '../state/canvas-document'
import { overlap } from '../state/geometry'
import type { CanvasSession } from '../state/session'
import { type CompiledPictures, recipeFor, recipeValues, withExtras } from './compile'
import { preparerOf } from './preparing'

interface Compiled {
  workflow: Workflow
  alpha: Alpha | null
}

/** The workflow that a run would queue now. Pictures are on the server when it resolves. */
export async function compileCanvas(
  session: CanvasSession,
  model: DrawingModel,
  task: Task,
  settings: CanvasSettings,
  client: QueryClient,
): Promise<Compiled> {
  await session.settled()
  const { box, drawn } = session.canvas
  const size = drawnSize(model.sizes, box, drawn)
  const alpha = await resultAlpha(session, task)
  const recipe = recipeFor(task, alpha !== null)
  const definitions = await loadDefinitions(client)
  const pictures = await uploadPictures(session, recipe, size, alpha, definitions)
  const written = await writeRecipe(recipe, model.name, recipeValues(task, settings, model, size, pictures))
  const workflow = fromApi(
    withExtras(written, pictures, (node) => definitions.has(node)),
    definitions,
  )
  const seed = written.roles['sampler.seed']?.[0]
  const own = structuredClone(workflow)
  // Several at a time take the seeds that follow, so that each can be made again.
  if (seed) writeSeedControl(own, definitions, seed, 'increment')
  own.extra = {
    ...own.extra,
    studio: { version: 1, recipe: { task: recipe, model: model.name }, roles: written.roles },
  }
  return { workflow: own, alpha }
}

async function uploadPictures(
  session: CanvasSession,
  recipe: Task,
  size: { width: number; height: number },
  alpha: Alpha | null,
  definitions: Definitions,
): Promise<CompiledPictures> {
  const { box, layers } = session.canvas
  const inBox = layers.filter((layer) => {
    const bounds = layer.visible ? layerBounds(session, layer) : null
    return bounds !== null && overlap(bounds, box) !== null
  })
  const send = async (name: string, made: Promise<Blob>) =>
    inputName(await uploadInput(await made, `${name}.png`, 'canvas'))
  const [init, mask, regions, controls, references] = await Promise.all([
    recipe === 'text' ? undefined : send('picture', initPicture(session, size)),
    recipe === 'inpaint' && alpha ? send('mask', maskPicture(alpha, size)) : undefined,
    Promise.all(
      inBox
        .filter((layer) => layer.kind === 'region' && layer.prompt?.trim())
        .map(async (layer) => ({
          mask: await send('region', regionPicture(session, layer.id, size)),
          prompt: layer.prompt!,
        })),
    ),
    Promise.all(
      inBox
        .filter((layer) => layer.kind === 'control' && layer.control?.model)
        .map(async (layer) => ({
          ...layer.control!,
          preparer: preparerOf(definitions, layer.control!.preparation),
          picture: await send('control', layerPicture(session, layer.id, size)),
        })),
    ),
    Promise.all(
      layers.flatMap((layer) => {
        const bounds = layer.kind === 'reference' && layer.visible ? layerBounds(session, layer) : null
        return bounds ? [send('reference', referencePicture(session, layer, bounds, size))] : []
      }),
    ),
  ])
  return { init, mask, regions, controls, references }
}

/** Queues the canvas and stages what comes of it. */
export async function runCanvas(
  session: CanvasSession,
  model: DrawingModel,
  task: Task,
  wish: RunWish,
  client: QueryClient,
): Promise<void> {
  const { box, settings } = session.canvas
  const seed = settings.seedFixed ? settings.seed : randomSeed()
  const compiled = await compileCanvas(session, model, task, { ...settings, seed }, client)
  const title = (settings.prompt || model.prompt).slice(0, 80)
  const jobs = await run(session.document, { ...wish, workflow: compiled.workflow, title })
  if (jobs.length === 0) return
  const last = Math.min(LARGEST_SEED, seed)
  editCanvas(
    session.document,
    t('Seed'),
    (canvas) => {
      canvas.settings.seed = last
    },
    { silent: true },
  )
  stagingOf(session).begin(jobs, box, compiled.alpha ? alphaCanvas(compiled.alpha) : null)
}
