import { useOfferedCommands } from '@/app/commands'
import { goTo } from '@/app/navigation'

/** Opens the dialog that opens workflows; it belongs to another part of the studio, so it is asked for by its name. */
export function useOpenFile(): () => void {
  const command = useOfferedCommands().find(({ id }) => id === 'document.open')
  return command?.run ?? (() => goTo('graph'))
}
