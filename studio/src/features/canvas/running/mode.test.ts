import { expect, it } from 'vitest'
import { deducedTask, modeOf } from './mode'

const full = { masked: 0, open: 0, selected: null }

it('a mask in the box is filled, whatever else is there', () => {
  expect(deducedTask({ ...full, masked: 0.12 }, 1)).toBe('inpaint')
  expect(deducedTask({ ...full, masked: 0.12, open: 0.4 }, 0.5)).toBe('inpaint')
})

it('holes are painted on, and an empty box is drawn from the text', () => {
  expect(deducedTask({ ...full, open: 0.3 }, 0.5)).toBe('outpaint')
  expect(deducedTask({ ...full, open: 1 }, 0.5)).toBe('text')
})

it('a full box is refined below full strength, and drawn anew at it', () => {
  expect(deducedTask(full, 0.6)).toBe('image')
  expect(deducedTask(full, 1)).toBe('text')
})

it('a stray pixel changes nothing', () => {
  expect(deducedTask({ ...full, masked: 0.0001 }, 0.6)).toBe('image')
})

it('the name says what will be done, and why', () => {
  expect(modeOf({ ...full, masked: 0.12 }, 1, '').why).toContain('12 %')
  expect(modeOf(full, 0.6, '').label).toBe('Refine 60 %')
  expect(modeOf({ ...full, selected: 0.2 }, 0.6, '').label).toBe('Fill selection')
  expect(modeOf({ ...full, selected: 0.2 }, 1, '').name).toBe('Inpaint')
  expect(modeOf({ ...full, open: 1, selected: 0.2 }, 1, '').name).toBe('Text to image')
  expect(modeOf(full, 0.6, 'text').task).toBe('text')
})
