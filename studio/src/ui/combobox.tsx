import { Command } from 'cmdk'
import { Check, ChevronDown } from 'lucide-react'
import { Popover as Primitive } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { t } from '@/i18n/text'
import { classes } from './classes'
import { CONTROL } from './input'

export interface ComboboxChoice {
  value: string
  label?: string
  /** A second, quieter line. */
  detail?: string
  picture?: ReactNode
  group?: string
}

export interface ComboboxProps {
  id?: string
  value: string
  onChange: (value: string) => void
  choices: readonly (ComboboxChoice | string)[]
  label: string
  describedBy?: string
  invalid?: boolean
  disabled?: boolean
  placeholder?: string
  empty?: ReactNode
  /** Below the list: what else can be done (install a model, say). */
  footer?: ReactNode
  className?: string
}

const SHOWN = 200

/** One of many, found by typing. */
export function Combobox({
  id,
  value,
  onChange,
  choices,
  label,
  describedBy,
  invalid,
  disabled,
  placeholder = t('Choose…'),
  empty = t('Nothing found.'),
  footer,
  className,
}: ComboboxProps) {
  const [open, setOpen] = useState(false)
  const [search, setSearch] = useState('')
  const all = choices.map(asChoice)
  const chosen = all.find((choice) => choice.value === value)
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = all.filter((choice) => words.every((word) => textOf(choice).includes(word))).slice(0, SHOWN)
  const groups = [...new Set(found.map((choice) => choice.group ?? ''))]
  return (
    <Primitive.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next)
        if (!next) setSearch('')
      }}
    >
      <Primitive.Trigger asChild>
        <button
          type="button"
          id={id}
          role="combobox"
          aria-expanded={open}
          aria-label={`${label}: ${chosen?.label ?? (value || placeholder)}`}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          disabled={disabled}
          className={classes(CONTROL, 'flex h-control items-center gap-2 px-2 text-start', className)}
        >
          {chosen?.picture}
          <span className={classes('min-w-0 flex-1 truncate', !value && 'text-faint')}>
            {chosen?.label ?? (value || placeholder)}
          </span>
          <ChevronDown size={14} className="shrink-0 text-faint" aria-hidden="true" />
        </button>
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 flex w-(--radix-popover-trigger-width) min-w-64 flex-col rounded-card border bg-overlay shadow-menu"
        >
          <Command shouldFilter={false} loop label={label} className="flex min-h-0 flex-col">
            <Command.Input
              value={search}
              onValueChange={setSearch}
              placeholder={t('Search…')}
              className="h-control w-full border-b bg-transparent px-3 text-field outline-none"
            />
            <Command.List className="max-h-72 overflow-auto p-1">
              {found.length === 0 ? (
                <div className="px-3 py-4 text-center text-body text-muted">{empty}</div>
              ) : null}
              {groups.map((group) => (
                <Command.Group
                  key={group}
                  heading={group || undefined}
                  className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-caption [&_[cmdk-group-heading]]:text-faint"
                >
                  {found
                    .filter((choice) => (choice.group ?? '') === group)
                    .map((choice) => (
                      <Command.Item
                        key={choice.value}
                        value={choice.value}
                        onSelect={() => {
                          onChange(choice.value)
                          setOpen(false)
                        }}
                        className="flex min-h-control items-center gap-2 rounded-control px-2 py-1 data-[selected=true]:bg-hover"
                      >
                        {choice.picture}
                        <span className="min-w-0 flex-1">
                          <span className="block truncate text-body">{choice.label ?? choice.value}</span>
                          {choice.detail ? (
                            <span className="block truncate text-caption text-muted">{choice.detail}</span>
                          ) : null}
                        </span>
                        {choice.value === value ? (
                          <Check size={14} className="shrink-0 text-accent" aria-hidden="true" />
                        ) : null}
                      </Command.Item>
                    ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
          {footer ? <div className="border-t p-1">{footer}</div> : null}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

const asChoice = (choice: ComboboxChoice | string): ComboboxChoice =>
  typeof choice === 'string' ? { value: choice } : choice

const textOf = (choice: ComboboxChoice): string =>
  `${choice.label ?? ''} ${choice.value} ${choice.detail ?? ''} ${choice.group ?? ''}`.toLowerCase()
