import { Tabs as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { classes } from './classes'

export interface TabsProps<T extends string> {
  value: T
  onChange: (value: T) => void
  tabs: readonly { value: T; label: ReactNode }[]
  label: string
  /** The chosen tab's content. */
  children: ReactNode
  className?: string
  /** At the right end of the line of tabs. */
  aside?: ReactNode
}

/** Several views of one thing; only the chosen one is mounted. */
export function Tabs<T extends string>({
  value,
  onChange,
  tabs,
  label,
  children,
  className,
  aside,
}: TabsProps<T>) {
  return (
    <Primitive.Root
      value={value}
      onValueChange={(next) => onChange(next as T)}
      className={classes('flex min-h-0 flex-col', className)}
    >
      <div className="flex items-center border-b">
        <Primitive.List aria-label={label} className="flex min-w-0 gap-1 overflow-x-auto px-2">
          {tabs.map((tab) => (
            <Primitive.Trigger
              key={tab.value}
              value={tab.value}
              className="relative h-10 shrink-0 px-2 text-body text-muted outline-offset-[-2px] hover:text-text data-[state=active]:font-medium data-[state=active]:text-text data-[state=active]:after:absolute data-[state=active]:after:inset-x-1 data-[state=active]:after:bottom-0 data-[state=active]:after:h-0.5 data-[state=active]:after:rounded-full data-[state=active]:after:bg-accent"
            >
              {tab.label}
            </Primitive.Trigger>
          ))}
        </Primitive.List>
        {aside ? <div className="ms-auto flex shrink-0 items-center gap-1 pe-2">{aside}</div> : null}
      </div>
      <Primitive.Content
        value={value}
        className="min-h-0 flex-1 overflow-auto outline-offset-[-2px]"
        key={value}
      >
        {children}
      </Primitive.Content>
    </Primitive.Root>
  )
}
