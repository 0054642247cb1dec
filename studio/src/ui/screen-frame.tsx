import type { ReactNode } from 'react'

export interface ScreenHeaderProps {
  title: string
  /** Between the title and the actions: a search field, filters. */
  children?: ReactNode
  actions?: ReactNode
}

/** The head of a screen that is a list or a page: its one h1 and what can be done with all of it. */
export const ScreenHeader = ({ title, children, actions }: ScreenHeaderProps) => (
  <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b bg-surface px-6 py-2 max-sm:px-4">
    <h1 className="text-title font-semibold">{title}</h1>
    <div className="flex min-w-0 flex-1 flex-wrap items-center gap-2">{children}</div>
    {actions ? <div className="flex items-center gap-2">{actions}</div> : null}
  </header>
)
