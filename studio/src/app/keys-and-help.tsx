import { useState } from 'react'
import { t } from '@/i18n/text'
import { Keys } from '@/ui/keys'
import { Tabs } from '@/ui/tabs'
import { type Command, keysOf, useOfferedCommands } from './commands'
import { helpOf } from './help-texts'
import { goTo } from './navigation'

/** Two pages: the keys of this screen, and its help if there is one. */
export default function KeysAndHelp({ screen, onDone }: { screen: string; onDone: () => void }) {
  const help = helpOf(screen)
  const [tab, setTab] = useState<'keys' | 'help'>('keys')
  if (!help) return <List onDone={onDone} />
  return (
    <Tabs
      label={t('Keys and help')}
      value={tab}
      onChange={setTab}
      className="-mx-2"
      tabs={[
        { value: 'keys', label: t('Keys') },
        { value: 'help', label: t('How it works') },
      ]}
    >
      <div className="px-2 pt-4">{tab === 'keys' ? <List onDone={onDone} /> : <Help screen={screen} />}</div>
    </Tabs>
  )
}

function Help({ screen }: { screen: string }) {
  const help = helpOf(screen)
  if (!help) return null
  return (
    <div className="flex max-w-prose flex-col gap-4 pb-4">
      <p className="text-field">{help.lead}</p>
      {help.parts.map((part) => (
        <section key={part.title}>
          <h3 className="text-body font-semibold">{part.title}</h3>
          <p className="text-body text-muted">{part.text}</p>
        </section>
      ))}
    </div>
  )
}

function List({ onDone }: { onDone: () => void }) {
  const commands = useOfferedCommands().filter((command) => keysOf(command))
  const groups = new Map<string, Command[]>()
  for (const command of commands) groups.set(command.group, [...(groups.get(command.group) ?? []), command])
  return (
    <>
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
      <button
        type="button"
        className="pb-4 text-body text-accent hover:underline"
        onClick={() => {
          onDone()
          goTo('settings', 'keys')
        }}
      >
        {t('Change keys')}
      </button>
    </>
  )
}
