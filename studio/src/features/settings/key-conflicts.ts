/** Which commands have the same keys. Two screens may use one key each; within a screen and with the frame they collide. */
import type { KnownCommand } from '@/app/known-commands'

const EVERYWHERE = new Set([
  'run',
  'queue',
  'undo',
  'redo',
  'document',
  'go',
  'search',
  'keys',
  'theme',
  'layout',
])

/** `graph` of `graph.copy`; empty for what holds everywhere. */
export const placeOf = (id: string): string => {
  const first = id.split('.')[0]!
  return EVERYWHERE.has(first) ? '' : first
}

/** The commands that get the same keys as one, by what the keys of each are. */
export function conflictsOf(
  command: KnownCommand,
  commands: readonly KnownCommand[],
  keysOf: (command: KnownCommand) => string,
): KnownCommand[] {
  const keys = keysOf(command).toLowerCase()
  if (!keys) return []
  return commands.filter(
    (other) =>
      other.id !== command.id &&
      other.label !== command.label &&
      keysOf(other).toLowerCase() === keys &&
      (placeOf(other.id) === placeOf(command.id) || !placeOf(other.id) || !placeOf(command.id)),
  )
}
