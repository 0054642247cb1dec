import { CircleHelp } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '@/i18n/text'
import { Popover } from './popover'

/** A question mark that explains the thing beside it: by click, tap or key, never by hover alone. */
export function Hint({ children, label = t('Help') }: { children: ReactNode; label?: string }) {
  return (
    <Popover
      trigger={
        <button
          type="button"
          aria-label={label}
          className="inline-flex size-6 shrink-0 items-center justify-center rounded-full text-faint hover:text-text"
        >
          <CircleHelp size={14} aria-hidden="true" />
        </button>
      }
    >
      <div className="max-w-64 text-body text-muted">{children}</div>
    </Popover>
  )
}
