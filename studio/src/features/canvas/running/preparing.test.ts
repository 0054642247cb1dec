import { expect, it } from 'vitest'
import { readDefinitions } from '@/doc/definitions'
import { type CompiledPictures, withExtras } from './compile'
import { choicesOf, preparerOf, preparersOf } from './preparing'

const node = (title: string, required: Record<string, unknown>, category = 'image/preprocessors') => ({
  input: { required },
  output: ['IMAGE'],
  output_name: ['IMAGE'],
  output_is_list: [false],
  display_name: title,
  category,
})

const definitions = readDefinitions({
  Edges: node('Edges', { image: ['IMAGE'], low: ['FLOAT', { default: 0.4 }] }),
  Learned: node('A depth', { picture: ['IMAGE'], kind: [['depth', 'pose'], {}] }),
  Two: node('Two', { image: ['IMAGE'], mask: ['MASK'] }),
  Invert: node('Invert', { image: ['IMAGE'] }, 'image'),
})

it('those that need nothing but a picture are offered, by their titles', () => {
  expect(preparersOf(definitions).map(({ type }) => type)).toEqual(['Learned', 'Edges'])
  expect(choicesOf(definitions.get('Learned')!).map(({ name }) => name)).toEqual(['kind'])
})

it('what is not said is as it usually is', () => {
  expect(preparerOf(definitions, { node: 'Edges' })?.values).toEqual({ low: 0.4 })
  expect(preparerOf(definitions, { node: 'Learned', values: { kind: 'pose' } })).toMatchObject({
    picture: 'picture',
    values: { kind: 'pose' },
  })
  expect(preparerOf(definitions, { node: 'Gone' })).toBeUndefined()
  expect(preparerOf(definitions, undefined)).toBeUndefined()
})

it('stands between the picture and the control model', () => {
  const pictures: CompiledPictures = {
    regions: [],
    references: [],
    controls: [
      {
        picture: 'c.png',
        model: 'edges.safetensors',
        strength: 1,
        start: 0,
        end: 1,
        preparer: preparerOf(definitions, { node: 'Edges' }),
      },
    ],
  }
  const prompt = withExtras(
    {
      title: '',
      roles: {
        'sampler.seed': [{ node: '5', widget: 'seed' }],
        'prompt.positive': [{ node: '2', widget: 'text' }],
      },
      prompt: {
        2: { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['1', 1] } },
        5: { class_type: 'KSampler', inputs: { model: ['1', 0], positive: ['2', 0], negative: ['2', 0] } },
        6: { class_type: 'VAEDecode', inputs: { samples: ['5', 0], vae: ['1', 2] } },
      },
    },
    pictures,
    () => true,
  )
  const applied = Object.values(prompt).find((entry) => entry.class_type === 'ControlNetApplyAdvanced')!
  const [edges] = applied.inputs.image as [string, number]
  expect(prompt[edges]).toMatchObject({ class_type: 'Edges', inputs: { low: 0.4 } })
  const [loaded] = prompt[edges]!.inputs.image as [string, number]
  expect(prompt[loaded]!.inputs.image).toBe('c.png')
})
