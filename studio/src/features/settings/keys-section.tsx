import { RotateCcw, Search, TriangleAlert, X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { keysPressed } from '@/app/commands'
import { type KnownCommand, useKnownCommands } from '@/app/known-commands'
import { prefer, usePreferences } from '@/app/preferences'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Input } from '@/ui/input'
import { Keys } from '@/ui/keys'
import { Select } from '@/ui/select'
import { conflictsOf } from './key-conflicts'
import { keyPresets } from './key-presets'

/** All commands with their keys; each can get others, and go back to its own. */
export function KeysSection({ sought, empty }: { sought?: string; empty?: ReactNode }) {
  const commands = useKnownCommands()
  const changed = usePreferences((state) => state.keys)
  const [text, setText] = useState('')
  const keysOf = (command: KnownCommand) => changed[command.id] ?? command.keys
  const words = (sought ?? text).toLowerCase().split(/\s+/).filter(Boolean)
  const shown = commands.filter((command) => {
    const whole = `${command.label} ${command.group} ${keysOf(command)}`.toLowerCase()
    return words.every((word) => whole.includes(word))
  })
  const groups = new Map<string, KnownCommand[]>()
  for (const command of shown) groups.set(command.group, [...(groups.get(command.group) ?? []), command])
  if (sought && shown.length === 0) return empty
  return (
    <div className="flex flex-col gap-6">
      {sought ? null : <Tools text={text} onText={setText} changed={Object.keys(changed).length} />}
      {shown.length === 0 ? (
        <p className="text-body text-muted">{t('No command is called like that.')}</p>
      ) : null}
      {[...groups].map(([group, entries]) => (
        <section key={group} aria-label={group}>
          <h3 className="mb-1 text-label font-semibold text-muted">{group}</h3>
          <ul className="rounded-card border bg-surface px-4">
            {entries.map((command) => (
              <KeyRow
                key={command.id}
                command={command}
                keys={keysOf(command)}
                changed={command.id in changed}
                conflicts={conflictsOf(command, commands, keysOf)}
              />
            ))}
          </ul>
        </section>
      ))}
      {sought ? null : (
        <p className="text-label text-faint">{t('Commands of a screen appear here once it was opened.')}</p>
      )}
    </div>
  )
}

function Tools({ text, onText, changed }: { text: string; onText: (text: string) => void; changed: number }) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div className="relative min-w-40 flex-1">
        <Search
          size={16}
          className="pointer-events-none absolute inset-y-0 start-2 my-auto text-faint"
          aria-hidden="true"
        />
        <Input
          type="search"
          value={text}
          onChange={onText}
          aria-label={t('Search commands and keys')}
          placeholder={t('Search commands and keys')}
          className="!ps-8"
        />
      </div>
      <Select
        label={t('Keys of another program')}
        placeholder={t('Keys as in…')}
        value=""
        onChange={(id) => prefer({ keys: keyPresets().find((preset) => preset.id === id)?.keys ?? {} })}
        className="!w-44"
        choices={keyPresets().map((preset) => ({ value: preset.id, label: preset.title }))}
      />
      <Button
        icon={<RotateCcw size={14} aria-hidden="true" />}
        disabled={changed === 0}
        onClick={() => prefer({ keys: {} })}
      >
        {t('Reset all')}
      </Button>
    </div>
  )
}

function setKeys(id: string, keys: string | undefined): void {
  const { [id]: _, ...rest } = usePreferences.getState().keys
  prefer({ keys: keys === undefined ? rest : { ...rest, [id]: keys } })
}

function KeyRow({
  command,
  keys,
  changed,
  conflicts,
}: {
  command: KnownCommand
  keys: string
  changed: boolean
  conflicts: KnownCommand[]
}) {
  const [listening, setListening] = useState(false)
  const heard = (event: KeyboardEvent) => {
    if (!listening) return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape') return setListening(false)
    if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return
    setKeys(command.id, keysPressed(event.nativeEvent))
    setListening(false)
  }
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 border-b py-1 last:border-b-0">
      <span className="min-w-0 flex-1 truncate text-body">{command.label}</span>
      {conflicts.length > 0 ? (
        <span className="flex items-center gap-1 text-label text-warn">
          <TriangleAlert size={14} aria-hidden="true" />
          {t('also {{name}}', { name: conflicts.map((other) => other.label).join(', ') })}
        </span>
      ) : null}
      <button
        type="button"
        onClick={() => setListening(true)}
        onBlur={() => setListening(false)}
        onKeyDown={heard}
        className={classes(
          'flex h-8 min-w-28 items-center justify-center rounded-control border px-2 text-label hover:border-line-strong pointer-coarse:h-11',
          listening ? '!border-accent text-accent' : 'text-faint',
        )}
      >
        <span className="sr-only">
          {listening
            ? t('Press the new keys for {{name}}, or Escape', { name: command.label })
            : t('Keys of {{name}}: {{keys}}. Change', { name: command.label, keys: keys || t('none') })}
        </span>
        <span aria-hidden="true">
          {listening ? t('Press keys…') : keys ? <Keys keys={keys} /> : t('none')}
        </span>
      </button>
      <IconButton
        small
        label={t('Take the keys of {{name}} away', { name: command.label })}
        disabled={!keys}
        onClick={() => setKeys(command.id, '')}
      >
        <X size={14} />
      </IconButton>
      <span className={changed ? '' : 'invisible'}>
        <IconButton
          small
          label={t('Reset the keys of {{name}}', { name: command.label })}
          disabled={!changed}
          onClick={() => setKeys(command.id, undefined)}
        >
          <RotateCcw size={14} />
        </IconButton>
      </span>
    </li>
  )
}
