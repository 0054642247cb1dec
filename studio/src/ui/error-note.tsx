import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

export interface ErrorNoteProps {
  /** What failed, and why in one sentence. */
  title: ReactNode
  children?: ReactNode
  /** The next step, as buttons. */
  actions?: ReactNode
}

/** What went wrong, where it went wrong, with the next step as a button. */
export const ErrorNote = ({ title, children, actions }: ErrorNoteProps) => (
  <div role="alert" className="flex gap-3 rounded-card border border-err/50 bg-err/8 p-3">
    <CircleAlert size={16} className="mt-0.5 shrink-0 text-err" aria-hidden="true" />
    <div className="min-w-0 flex-1">
      <p className="text-body font-medium break-words">{title}</p>
      {children ? <div className="mt-1 text-body break-words text-muted">{children}</div> : null}
      {actions ? <div className="mt-2 flex flex-wrap gap-2">{actions}</div> : null}
    </div>
  </div>
)
