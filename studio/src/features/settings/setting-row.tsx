import { RotateCcw } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { IconButton } from '@/ui/button'

export interface SettingRowProps {
  label: string
  help?: string
  /** It differs from what it was at first. */
  changed?: boolean
  onReset?: () => void
  /** What has to start again so that it counts. */
  restart?: string
  /** The control, named by the label's id. */
  children: (labelId: string) => ReactNode
}

/** One setting: what it is, its control, and the way back. */
export function SettingRow({ label, help, changed, onReset, restart, children }: SettingRowProps) {
  const id = useId()
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset for one control would be announced twice.
    <div
      role="group"
      aria-labelledby={id}
      className="flex min-h-14 items-center gap-4 border-b py-2 last:border-b-0 max-sm:flex-col max-sm:items-stretch max-sm:gap-2"
    >
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <span id={id} className="text-body font-medium">
            {label}
          </span>
          {restart ? <Badge tone="info">{restart}</Badge> : null}
        </p>
        {help ? <p className="mt-0.5 max-w-prose text-label text-muted">{help}</p> : null}
      </div>
      <div className="flex shrink-0 items-center justify-end gap-1 max-sm:flex-row-reverse">
        {onReset ? (
          <span className={changed ? '' : 'invisible'}>
            <IconButton
              small
              label={t('Reset {{name}}', { name: label })}
              onClick={onReset}
              disabled={!changed}
              tabIndex={changed ? 0 : -1}
            >
              <RotateCcw size={14} />
            </IconButton>
          </span>
        ) : null}
        {children(id)}
      </div>
    </div>
  )
}
