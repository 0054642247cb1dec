import { expect, it } from 'vitest'
import type { DrawingModel, WrittenRecipe } from '@/form/recipe-list'
import { blankCanvas } from '../state/canvas-document'
import { type CompiledPictures, recipeFor, recipeValues, withExtras } from './compile'

const none: CompiledPictures = { regions: [], controls: [], references: [] }
const model = {
  name: 'a',
  prompt: 'an example',
  defaults: { width: 128, height: 128, steps: 20, guidance: 3, sampler: 'x', schedule: 'y' },
} as DrawingModel
const size = { width: 128, height: 96 }

const recipe = (): WrittenRecipe => ({
  title: 'Text',
  roles: {
    'sampler.seed': [{ node: '5', widget: 'seed' }],
    'prompt.positive': [{ node: '2', widget: 'text' }],
  },
  prompt: {
    1: { class_type: 'Loader', inputs: {} },
    2: { class_type: 'CLIPTextEncode', inputs: { text: 'a lawn', clip: ['1', 1] } },
    3: { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['1', 1] } },
    5: { class_type: 'KSampler', inputs: { model: ['1', 0], positive: ['2', 0], negative: ['3', 0] } },
    6: { class_type: 'VAEDecode', inputs: { samples: ['5', 0], vae: ['1', 2] } },
  },
})

it('holes and selections are filled by the recipe that takes masks', () => {
  expect(recipeFor('outpaint', false)).toBe('inpaint')
  expect(recipeFor('image', true)).toBe('inpaint')
  expect(recipeFor('image', false)).toBe('image')
  expect(recipeFor('text', false)).toBe('text')
})

it('values are what was set, and what the model recommends where nothing was', () => {
  const settings = { ...blankCanvas().settings, prompt: 'a bird', strength: 0.4, seed: 7 }
  const values = recipeValues('inpaint', settings, model, size, { ...none, init: 'i.png', mask: 'm.png' })
  expect(values).toMatchObject({
    'prompt.positive': 'a bird',
    'sampler.steps': 20,
    'sampler.seed': 7,
    'sampler.denoise': 0.4,
    'image.mask': 'm.png',
    'size.height': 96,
  })
  expect(recipeValues('outpaint', settings, model, size, { ...none, init: 'i.png' })['sampler.denoise']).toBe(
    1,
  )
  expect(recipeValues('text', { ...settings, prompt: '' }, model, size, none)).not.toHaveProperty(
    'image.init',
  )
})

it('a region is a prompt of its own within its mask', () => {
  const prompt = withExtras(recipe(), { ...none, regions: [{ mask: 'r.png', prompt: 'a tree' }] }, () => true)
  const combined = prompt['5']!.inputs.positive as [string, number]
  const both = prompt[combined[0]]!
  expect(both.class_type).toBe('ConditioningCombine')
  expect(both.inputs.conditioning_1).toEqual(['2', 0])
  const here = prompt[(both.inputs.conditioning_2 as [string, number])[0]]!
  expect(prompt[(here.inputs.conditioning as [string, number])[0]]!.inputs.text).toBe('a tree')
})

it('control layers steer both prompts, references the network', () => {
  const control = { picture: 'c.png', model: 'canny', strength: 0.8, start: 0, end: 0.5 }
  const prompt = withExtras(recipe(), { ...none, controls: [control], references: ['ref.png'] }, () => true)
  const { positive, negative, model: network } = prompt['5']!.inputs as Record<string, [string, number]>
  expect(positive![0]).toBe(negative![0])
  expect([positive![1], negative![1]]).toEqual([0, 1])
  expect(prompt[positive![0]]!.inputs).toMatchObject({
    positive: ['2', 0],
    negative: ['3', 0],
    strength: 0.8,
  })
  expect(prompt[network![0]]!.class_type).toBe('ReferenceOnly')
})

it('nothing is added that the server does not have, and the recipe stays as it was', () => {
  const given = recipe()
  expect(withExtras(given, { ...none, regions: [{ mask: 'r', prompt: 'p' }] }, () => false)).toEqual(
    given.prompt,
  )
  expect(given).toEqual(recipe())
})
