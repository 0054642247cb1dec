import { ContextMenu as Context, DropdownMenu as Dropdown } from 'radix-ui'
import type { ReactNode } from 'react'
import { classes } from './classes'
import { Keys } from './keys'

/** One entry of a menu, as data, so that a menu and its context menu are the same list. */
export type MenuEntry =
  | {
      label: string
      icon?: ReactNode
      keys?: string
      onSelect: () => void
      disabled?: boolean
      /** Why it is disabled. */
      reason?: string
      danger?: boolean
      checked?: boolean
    }
  | { label: string; icon?: ReactNode; entries: MenuEntry[]; disabled?: boolean }
  | 'line'
  | { heading: string }

const BOX =
  'z-50 min-w-48 max-w-80 rounded-card border bg-overlay p-1 shadow-menu animate-[rise_120ms_var(--ease-out)]'
const ROW =
  'flex min-h-8 items-center gap-2 rounded-control px-2 text-body outline-none select-none data-[disabled]:opacity-45 data-[highlighted]:bg-hover pointer-coarse:min-h-11'

type Kit = typeof Dropdown | typeof Context

/** Whether anything stands before the words of a list; if not, its column is left out. */
const hasMarks = (entries: MenuEntry[]): boolean =>
  entries.some(
    (entry) =>
      entry !== 'line' &&
      !('heading' in entry) &&
      (entry.icon || ('checked' in entry && entry.checked !== undefined)),
  )

/** What stands before the words of an entry. */
const Mark = ({ shown, danger, children }: { shown: boolean; danger?: boolean; children: ReactNode }) =>
  shown ? (
    <span className={classes('flex w-4 shrink-0 justify-center', !danger && 'text-muted')}>{children}</span>
  ) : null

function Entries({ kit, entries }: { kit: Kit; entries: MenuEntry[] }) {
  const Kit = kit as typeof Dropdown
  const marked = hasMarks(entries)
  return entries.map((entry, at) => {
    const key = at
    if (entry === 'line') return <Kit.Separator key={key} className="mx-1 my-1 h-px bg-line" />
    if ('heading' in entry)
      return (
        <Kit.Label key={key} className="px-2 py-1 text-caption text-faint">
          {entry.heading}
        </Kit.Label>
      )
    if ('entries' in entry)
      return (
        <Kit.Sub key={key}>
          <Kit.SubTrigger disabled={entry.disabled} className={ROW}>
            <Mark shown={marked}>{entry.icon}</Mark>
            <span className="flex-1 truncate">{entry.label}</span>
            <span aria-hidden="true" className="text-faint rtl:-scale-x-100">
              ›
            </span>
          </Kit.SubTrigger>
          <Kit.Portal>
            <Kit.SubContent
              className={classes(BOX, 'max-h-(--radix-popper-available-height) overflow-auto')}
              collisionPadding={8}
            >
              <Entries kit={kit} entries={entry.entries} />
            </Kit.SubContent>
          </Kit.Portal>
        </Kit.Sub>
      )
    return (
      <Kit.Item
        key={key}
        disabled={entry.disabled}
        onSelect={entry.onSelect}
        className={classes(ROW, entry.danger && 'text-err')}
      >
        <Mark shown={marked} danger={entry.danger}>
          {entry.checked === undefined ? entry.icon : entry.checked ? '✓' : null}
        </Mark>
        <span className="flex-1 truncate">
          {entry.label}
          {entry.disabled && entry.reason ? (
            <span className="block text-caption text-faint">{entry.reason}</span>
          ) : null}
        </span>
        {entry.keys ? <Keys keys={entry.keys} /> : null}
      </Kit.Item>
    )
  })
}

export interface MenuProps {
  trigger: ReactNode
  entries: MenuEntry[]
  align?: 'start' | 'end'
}

/** A menu below its button. */
export function Menu({ trigger, entries, align = 'start' }: MenuProps) {
  return (
    <Dropdown.Root modal={false}>
      <Dropdown.Trigger asChild>{trigger}</Dropdown.Trigger>
      <Dropdown.Portal>
        <Dropdown.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className={classes(BOX, 'max-h-(--radix-dropdown-menu-content-available-height) overflow-auto')}
        >
          <Entries kit={Dropdown} entries={entries} />
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  )
}

/** A menu at the pointer: right-click, the menu key, or a long press. Everything in it must also be elsewhere. */
export function ContextMenu({ children, entries }: { children: ReactNode; entries: MenuEntry[] }) {
  return (
    <Context.Root modal={false}>
      <Context.Trigger asChild>{children}</Context.Trigger>
      <Context.Portal>
        <Context.Content
          collisionPadding={8}
          className={classes(BOX, 'max-h-(--radix-context-menu-content-available-height) overflow-auto')}
        >
          <Entries kit={Context} entries={entries} />
        </Context.Content>
      </Context.Portal>
    </Context.Root>
  )
}

export interface MenuAtProps {
  /** On the screen. */
  at: [number, number]
  entries: MenuEntry[]
  onClose: () => void
}

/** A menu at a place, for what has no element of its own to be its trigger. */
export function MenuAt({ at: [x, y], entries, onClose }: MenuAtProps) {
  return (
    <Dropdown.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <Dropdown.Trigger asChild>
        <span aria-hidden="true" className="pointer-events-none fixed size-0" style={{ left: x, top: y }} />
      </Dropdown.Trigger>
      <Dropdown.Portal>
        <Dropdown.Content
          align="start"
          collisionPadding={8}
          className={classes(BOX, 'max-h-(--radix-dropdown-menu-content-available-height) overflow-auto')}
        >
          <Entries kit={Dropdown} entries={entries} />
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  )
}
