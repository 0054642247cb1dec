import { Command } from 'cmdk'
import { Check } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useState } from 'react'
import { create } from 'zustand'
import { t } from '@/i18n/text'

export interface PickerWish {
  /** What it opens beside; the keyboard returns there. */
  anchor: HTMLElement
  label: string
  value: string
  choices: readonly string[]
  onChoose: (value: string) => void
}

const usePicker = create<{ wish: PickerWish | null }>(() => ({ wish: null }))

/** Opens the list of choices of one field. There is one list for all fields: hundreds of closed ones would cost. */
export const pick = (wish: PickerWish): void => usePicker.setState({ wish })

const SHOWN = 200

/** Once in the graph. */
export function Picker() {
  const { wish } = usePicker()
  if (!wish) return null
  return <OpenPicker key={wish.label} wish={wish} />
}

function OpenPicker({ wish }: { wish: PickerWish }) {
  const [search, setSearch] = useState('')
  const close = () => {
    usePicker.setState({ wish: null })
    wish.anchor.focus()
  }
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = wish.choices.filter((choice) => words.every((word) => choice.toLowerCase().includes(word)))
  const width = Math.max(200, Math.min(420, wish.anchor.getBoundingClientRect().width))
  return (
    <Popover.Root open onOpenChange={(open) => !open && close()}>
      <Popover.Anchor virtualRef={{ current: wish.anchor }} />
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={wish.label}
          style={{ width }}
          className="z-50 flex max-h-(--radix-popover-content-available-height) flex-col rounded-card border bg-overlay shadow-menu"
        >
          <Command
            shouldFilter={false}
            loop
            label={wish.label}
            defaultValue={wish.value}
            className="flex min-h-0 flex-col"
          >
            <Command.Input
              value={search}
              onValueChange={setSearch}
              placeholder={t('Search {{count}} choices…', { count: wish.choices.length })}
              className={
                wish.choices.length > 8
                  ? 'h-control w-full shrink-0 border-b bg-transparent px-3 text-body outline-none'
                  : 'sr-only'
              }
            />
            <Command.List className="max-h-80 overflow-auto p-1">
              {found.length === 0 ? (
                <p className="px-3 py-4 text-center text-body text-muted">{t('Nothing found.')}</p>
              ) : null}
              {found.slice(0, SHOWN).map((choice) => (
                <Command.Item
                  key={choice}
                  value={choice}
                  onSelect={() => {
                    wish.onChoose(choice)
                    close()
                  }}
                  className="flex min-h-7 items-center gap-2 rounded-control px-2 text-body data-[selected=true]:bg-hover pointer-coarse:min-h-11"
                >
                  <span className="min-w-0 flex-1 break-all">{choice}</span>
                  {choice === wish.value ? (
                    <Check size={14} className="shrink-0 text-accent" aria-hidden="true" />
                  ) : null}
                </Command.Item>
              ))}
              {found.length > SHOWN ? (
                <p className="px-2 py-1 text-label text-faint">
                  {t('{{count}} more: type to narrow them down.', { count: found.length - SHOWN })}
                </p>
              ) : null}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
