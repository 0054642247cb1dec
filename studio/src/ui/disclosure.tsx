import { ChevronRight } from 'lucide-react'
import { Collapsible } from 'radix-ui'
import type { ReactNode } from 'react'
import { usePreference } from './remembered'

export interface DisclosureProps {
  /** Under which its state is remembered. */
  name: string
  title: ReactNode
  /** Shown while it is closed: what is in it, if that is not the default. */
  summary?: ReactNode
  aside?: ReactNode
  open?: boolean
  children: ReactNode
}

/** A group that opens and closes, and stays as it was left. */
export function Disclosure({ name, title, summary, aside, open: first = false, children }: DisclosureProps) {
  const [open, setOpen] = usePreference(`group.${name}`, first)
  return (
    <Collapsible.Root open={open} onOpenChange={setOpen}>
      <div className="flex items-center gap-1">
        <Collapsible.Trigger className="group flex min-h-control min-w-0 flex-1 items-center gap-1.5 rounded-control text-start text-body font-medium hover:text-accent">
          <ChevronRight
            size={14}
            aria-hidden="true"
            className="shrink-0 text-faint transition-transform duration-120 group-data-[state=open]:rotate-90 rtl:-scale-x-100"
          />
          <span className="shrink-0">{title}</span>
          {!open && summary ? (
            <span className="min-w-0 flex-1 truncate text-end text-label font-normal text-faint">
              {summary}
            </span>
          ) : null}
        </Collapsible.Trigger>
        {aside}
      </div>
      <Collapsible.Content className="flex flex-col gap-3 pt-1 pb-2">{children}</Collapsible.Content>
    </Collapsible.Root>
  )
}
