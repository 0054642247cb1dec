import type { ReactNode } from 'react'

export interface EmptyStateProps {
  icon?: ReactNode
  title: ReactNode
  /** What to do now. */
  children?: ReactNode
  actions?: ReactNode
}

/** What a view shows while it has nothing: what belongs here, and how it comes here. */
export const EmptyState = ({ icon, title, children, actions }: EmptyStateProps) => (
  <div className="mx-auto flex max-w-md flex-col items-center gap-3 px-6 py-12 text-center">
    {icon ? <div className="text-faint [&_svg]:size-8">{icon}</div> : null}
    <h2 className="text-section font-semibold">{title}</h2>
    {children ? <div className="text-body text-balance text-muted">{children}</div> : null}
    {actions ? <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div> : null}
  </div>
)
