import { CircleAlert } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { classes } from './classes'
import { Hint } from './hint'

export interface FieldProps {
  label: ReactNode
  /** One sentence: what it is and what happens if it is raised. */
  help?: ReactNode
  error?: ReactNode
  /** Beside the label, at its right end (a token count, a reset button). */
  aside?: ReactNode
  /** Label and control in one line, for switches and short numbers. */
  inline?: boolean
  className?: string
  /** The control; it is given the ids that tie it to its label and error. */
  children: (ids: { id: string; describedBy: string | undefined; invalid: boolean }) => ReactNode
}

/** A label, its control, its help and what is wrong with it. */
export function Field({ label, help, error, aside, inline, className, children }: FieldProps) {
  const id = useId()
  const errorId = `${id}-error`
  const ids = { id, describedBy: error ? errorId : undefined, invalid: Boolean(error) }
  return (
    <div className={classes('min-w-0', className)}>
      <div className={classes('flex min-w-0 items-center gap-2', inline ? 'min-h-control' : 'mb-1 min-h-6')}>
        <label htmlFor={id} className="min-w-0 truncate text-label font-medium text-muted">
          {label}
        </label>
        {help ? <Hint>{help}</Hint> : null}
        <div className="ms-auto flex shrink-0 items-center gap-1 text-label text-faint">
          {aside}
          {inline ? children(ids) : null}
        </div>
      </div>
      {inline ? null : children(ids)}
      {error ? (
        <p id={errorId} className="mt-1 flex items-start gap-1 text-label text-err">
          <CircleAlert size={14} className="mt-px shrink-0" aria-hidden="true" />
          <span className="min-w-0">{error}</span>
        </p>
      ) : null}
    </div>
  )
}
