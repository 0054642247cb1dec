/** What a run will do, from what lies in the box; and why, in words. */
import { t } from '@/i18n/text'
import type { Task } from '../state/canvas-document'

export interface BoxFacts {
  /** Share of the box that masks cover, 0..1. */
  masked: number
  /** Share of the box in which there is no picture. */
  open: number
  /** Share of the box that the selection covers; null: nothing is selected. */
  selected: number | null
}

export interface Mode {
  task: Task
  /** Why it is this one. */
  why: string
  /** What the button says. */
  label: string
  /** The name of the task that does it: a selection makes one of inpainting. */
  name: string
}

/** Less than this is an accident: a stray pixel, a soft edge. */
const TRACE = 0.0005

/** By the rules: mask, then holes, then strength. */
export function deducedTask(facts: BoxFacts, strength: number): Task {
  if (facts.masked > TRACE) return 'inpaint'
  if (facts.open >= 1 - TRACE) return 'text'
  if (facts.open > TRACE) return 'outpaint'
  return strength < 1 ? 'image' : 'text'
}

/** The mode of a run. `forced`: what the user wants whatever the pixels say. */
export function modeOf(facts: BoxFacts, strength: number, forced: Task | ''): Mode {
  const task = forced || deducedTask(facts, strength)
  const limited = task !== 'edit' && facts.selected !== null && facts.open < 1 - TRACE
  return {
    task,
    name: taskName(limited && task !== 'outpaint' ? 'inpaint' : task),
    label: labelOf(task, facts, strength),
    why: forced ? t('You chose this.') : whyOf(task, facts),
  }
}

function labelOf(task: Task, facts: BoxFacts, strength: number): string {
  if (task === 'inpaint') return t('Fill mask')
  if (task === 'outpaint') return t('Expand')
  if (task === 'edit') return t('Edit')
  if (facts.selected !== null && facts.open < 1 - TRACE) return t('Fill selection')
  if (task === 'image') return t('Refine {{percent}} %', { percent: Math.round(strength * 100) })
  return t('Generate')
}

function whyOf(task: Task, facts: BoxFacts): string {
  const percent = (share: number) => Math.max(1, Math.round(share * 100))
  if (task === 'inpaint')
    return t('A mask covers {{percent}} % of the box.', { percent: percent(facts.masked) })
  if (task === 'outpaint')
    return t('{{percent}} % of the box is transparent.', { percent: percent(facts.open) })
  if (facts.selected !== null)
    return t('The selection covers {{percent}} % of the box.', { percent: percent(facts.selected) })
  if (task === 'image') return t('The box is full, and the strength is below 100 %.')
  return facts.open >= 1 - TRACE
    ? t('The box is empty.')
    : t('The box is full, and the strength is 100 %: it is painted anew.')
}

/** The name of a task, for choosing one. */
export const taskName = (task: Task): string =>
  ({
    text: t('Text to image'),
    image: t('Refine'),
    inpaint: t('Inpaint'),
    outpaint: t('Outpaint'),
    edit: t('Edit by instruction'),
  })[task]
