import { expect, it } from 'vitest'
import { overlay } from './presets'
import { readSettings } from './settings-values'

it('settings say which task they belong to', () => {
  expect(readSettings({ 'sampler.steps': 4, 'size.width': 64 }).task).toBe('text')
  expect(readSettings({ 'image.init': 'a.png' }).task).toBe('image')
  expect(readSettings({ 'image.init': 'a.png', 'image.mask': 'b.png' }).task).toBe('inpaint')
  expect(readSettings({ 'sampler.seed': 1 }).task).toBeUndefined()
})

it('the model is apart, and guidance goes by both of its names', () => {
  const read = readSettings({ 'model.main': 'm', 'sampler.cfg': 3 })
  expect(read.model).toBe('m')
  expect(read.values).toEqual({ 'sampler.cfg': 3, 'sampler.guidance': 3 })
})

it('of two presets that say something of one role the later wins', () => {
  const presets = [
    { name: 'fast', values: { 'sampler.steps': 4, 'sampler.cfg': 1 } },
    { name: 'fine', values: { 'sampler.steps': 40 } },
  ]
  expect(overlay(presets, ['fast', 'fine'])).toEqual({ 'sampler.steps': 40, 'sampler.cfg': 1 })
  expect(overlay(presets, ['fine', 'fast', 'gone'])).toEqual({ 'sampler.steps': 4, 'sampler.cfg': 1 })
})
