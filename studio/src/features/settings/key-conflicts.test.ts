import { expect, it } from 'vitest'
import type { KnownCommand } from '@/app/known-commands'
import { conflictsOf } from './key-conflicts'

const command = (id: string, keys: string): KnownCommand => ({ id, keys, label: id, group: '' })

it('collides within a screen and with what holds everywhere, not between screens', () => {
  const all = [
    command('graph.copy', 'c'),
    command('canvas.box', 'C'),
    command('graph.cut', 'c'),
    command('run', 'x'),
  ]
  const keysOf = (one: KnownCommand) => one.keys
  expect(conflictsOf(all[0]!, all, keysOf).map(({ id }) => id)).toEqual(['graph.cut'])
  expect(conflictsOf(command('canvas.x', 'X'), all, keysOf).map(({ id }) => id)).toEqual(['run'])
  expect(conflictsOf(command('graph.none', ''), all, keysOf)).toEqual([])
})
