import { create } from 'zustand'
import { t } from '@/i18n/text'
import { Dialog } from '@/ui/dialog'
import { Keys } from '@/ui/keys'
import { type Command, keysOf, useOfferedCommands } from './commands'

const useKeysPage = create(() => ({ open: false }))

export const showKeys = (): void => useKeysPage.setState({ open: true })

/** The keys that work on this screen. */
export function KeysPage() {
  const { open } = useKeysPage()
  return (
    <Dialog
      open={open}
      onClose={() => useKeysPage.setState({ open: false })}
      title={t('Keys of this screen')}
      size="medium"
    >
      {open ? <List /> : null}
    </Dialog>
  )
}

function List() {
  const commands = useOfferedCommands().filter((command) => keysOf(command))
  const groups = new Map<string, Command[]>()
  for (const command of commands) groups.set(command.group, [...(groups.get(command.group) ?? []), command])
  return (
    <div className="columns-1 gap-8 sm:columns-2">
      {[...groups].map(([group, entries]) => (
        <section key={group} className="mb-5 break-inside-avoid">
          <h3 className="mb-1 text-label font-semibold text-muted">{group}</h3>
          <dl>
            {entries.map((command) => (
              <div key={command.id} className="flex min-h-7 items-center justify-between gap-3">
                <dt className="min-w-0 truncate">{command.label}</dt>
                <dd>
                  <Keys keys={keysOf(command)} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  )
}
