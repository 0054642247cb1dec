import { Command } from 'cmdk'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { t } from '@/i18n/text'
import { Keys } from '@/ui/keys'
import { keysOf, type Command as Offered, useOfferedCommands } from './commands'

const SHOWN = 60

/** What the search finds, best first; Enter does it. */
export default function CommandList({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState('')
  const offered = useOfferedCommands()
  const found = rank(offered, text).slice(0, SHOWN)
  return (
    <Command shouldFilter={false} loop label={t('Search and commands')} className="flex min-h-0 flex-col">
      <div className="flex items-center gap-2 border-b px-4">
        <Search size={16} className="text-faint" aria-hidden="true" />
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder={t('What would you like to do?')}
          className="h-12 w-full bg-transparent text-section outline-none"
        />
      </div>
      <Command.List className="min-h-0 overflow-auto p-2">
        {found.length === 0 ? <p className="p-6 text-center text-muted">{t('Nothing found.')}</p> : null}
        {found.map((command) => (
          <Command.Item
            key={command.id}
            value={command.id}
            onSelect={() => {
              onDone()
              command.run()
            }}
            className="flex min-h-9 items-center gap-3 rounded-control px-3 data-[selected=true]:bg-hover pointer-coarse:min-h-11"
          >
            <span className="min-w-0 flex-1 truncate">{command.label}</span>
            <span className="text-label text-muted">{command.group}</span>
            {keysOf(command) ? <Keys keys={keysOf(command)} /> : null}
          </Command.Item>
        ))}
      </Command.List>
    </Command>
  )
}

function rank(commands: Offered[], text: string): Offered[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const seen = new Set<string>()
  return commands
    .filter((command) => {
      if (command.hidden || command.disabled || seen.has(command.id)) return false
      seen.add(command.id)
      const whole = `${command.label} ${command.group}`.toLowerCase()
      return words.every((word) => whole.includes(word))
    })
    .sort((one, other) => Number(starts(other, words)) - Number(starts(one, words)))
}

const starts = (command: Offered, words: string[]): boolean =>
  words.length > 0 && command.label.toLowerCase().startsWith(words[0]!)
