/**
 * From the canvas to a workflow: the server's recipe for the task, with what regions, control layers and references add.
 *
 * Pure: pictures have been uploaded before and come as the names that loaders take.
 */
import type { ApiPrompt, Place } from '@/doc/workflow'
import type { DrawingModel, WrittenRecipe } from '@/form/recipe-list'
import type { CanvasSettings, Task } from '../state/canvas-document'
import type { Preparer } from './preparing'

export interface CompiledPictures {
  init?: string
  mask?: string
  regions: { mask: string; prompt: string }[]
  controls: {
    picture: string
    model: string
    strength: number
    start: number
    end: number
    preparer?: Preparer
  }[]
  references: string[]
}

/** Which recipe does a task here. Holes come as a mask, so that any side and any shape can be open. */
export const recipeFor = (task: Task, limited: boolean): Task =>
  task === 'outpaint' || (limited && (task === 'image' || task === 'text')) ? 'inpaint' : task

/** Values for the recipe, by role. */
export function recipeValues(
  task: Task,
  settings: CanvasSettings,
  model: DrawingModel,
  size: { width: number; height: number },
  pictures: CompiledPictures,
): Record<string, unknown> {
  const strength = task === 'outpaint' || task === 'text' ? 1 : settings.strength
  const values: Record<string, unknown> = {
    'prompt.positive': settings.prompt || model.prompt,
    'prompt.negative': settings.negative,
    'sampler.seed': settings.seed,
    'sampler.steps': settings.steps || model.defaults.steps,
    'size.width': size.width,
    'size.height': size.height,
  }
  const guidance = settings.guidance || model.defaults.guidance
  values['sampler.cfg'] = guidance
  values['sampler.guidance'] = guidance
  if (pictures.init) Object.assign(values, { 'image.init': pictures.init, 'sampler.denoise': strength })
  // The canvas grows and softens masks itself, so that what is pasted is what was painted anew.
  if (pictures.mask) Object.assign(values, { 'image.mask': pictures.mask, 'mask.grow': 0, 'mask.feather': 0 })
  return values
}

type Link = [string, number]

/** Adds nodes to a prompt; returns it anew. `knows` says whether the server has a node. */
export function withExtras(
  recipe: WrittenRecipe,
  pictures: CompiledPictures,
  knows: (node: string) => boolean,
): ApiPrompt {
  const places = nodesOf(recipe)
  if (!places) return recipe.prompt
  const graph = new Growing(recipe.prompt, knows)
  const { sampler, text, encoder } = places
  let positive = graph.link(sampler, 'positive')
  let negative = graph.link(sampler, 'negative')
  const clip = graph.link(text, 'clip')
  for (const region of pictures.regions) {
    if (!positive || !clip || !graph.knows('ConditioningSetMask', 'ConditioningCombine')) break
    const said = graph.add('CLIPTextEncode', 'Region', { text: region.prompt, clip })
    const mask = graph.add('LoadImageMask', 'Region mask', { image: region.mask, channel: 'red' })
    const here = graph.add('ConditioningSetMask', 'Only here', {
      conditioning: said,
      mask,
      strength: 1,
      set_cond_area: 'default',
    })
    positive = graph.add('ConditioningCombine', 'With the region', {
      conditioning_1: positive,
      conditioning_2: here,
    })
  }
  for (const control of pictures.controls) {
    if (!positive || !negative || !graph.knows('ControlNetApplyAdvanced', 'ControlNetLoader')) break
    const loaded = graph.add('LoadImage', 'Control picture', { image: control.picture })
    const { preparer } = control
    const node = graph.insert('ControlNetApplyAdvanced', 'Control', {
      positive,
      negative,
      control_net: graph.add('ControlNetLoader', 'Control model', { control_net_name: control.model }),
      image: preparer
        ? graph.add(preparer.type, preparer.title, { ...preparer.values, [preparer.picture]: loaded })
        : loaded,
      strength: control.strength,
      start_percent: control.start,
      end_percent: control.end,
    })
    positive = [node, 0]
    negative = [node, 1]
  }
  let network = graph.link(sampler, 'model')
  for (const picture of pictures.references) {
    const vae = graph.link(encoder, 'vae')
    if (!network || !vae || !graph.knows('ReferenceOnly')) break
    const image = graph.add('LoadImage', 'Reference', { image: picture })
    const reference = graph.add('VAEEncode', 'Reference as latent', { pixels: image, vae })
    network = graph.add('ReferenceOnly', 'Look at the reference', {
      model: network,
      reference,
      strength: 1,
      start_percent: 0,
      end_percent: 1,
    })
  }
  graph.set(sampler, { positive, negative, model: network })
  return graph.prompt
}

/** The recipe's sampler, its prompt and what decodes: found by their roles. */
function nodesOf({ prompt, roles }: WrittenRecipe) {
  const first = (role: string): Place | undefined => roles[role]?.[0]
  const sampler = first('sampler.seed')?.node
  const text = first('prompt.positive')?.node
  const encoder = Object.keys(prompt).find((id) => 'vae' in prompt[id]!.inputs)
  return sampler && text && encoder && prompt[sampler] && prompt[text] ? { sampler, text, encoder } : null
}

class Growing {
  readonly prompt: ApiPrompt
  private next: number

  constructor(
    prompt: ApiPrompt,
    private readonly has: (node: string) => boolean,
  ) {
    this.prompt = structuredClone(prompt)
    this.next = Math.max(0, ...Object.keys(prompt).map(Number).filter(Number.isFinite)) + 1
  }

  knows(...nodes: string[]): boolean {
    return nodes.every(this.has)
  }

  link(node: string, input: string): Link | null {
    const value = this.prompt[node]?.inputs[input]
    return Array.isArray(value) ? (value as Link) : null
  }

  insert(type: string, title: string, inputs: Record<string, unknown>): string {
    const id = String(this.next)
    this.next += 1
    this.prompt[id] = { class_type: type, inputs, _meta: { title } }
    return id
  }

  add(type: string, title: string, inputs: Record<string, unknown>): Link {
    return [this.insert(type, title, inputs), 0]
  }

  set(node: string, inputs: Record<string, Link | null>): void {
    for (const [name, link] of Object.entries(inputs)) if (link) this.prompt[node]!.inputs[name] = link
  }
}
