import { Play } from 'lucide-react'
import { FormView } from '@/form/form-view'
import { t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import type { Building } from './builder-state'

/** The form as people will see it, with its values; what is changed here is what they begin with. */
export function AppPreview({ building, phone }: { building: Building; phone: boolean }) {
  return (
    <div className="min-h-0 flex-1 overflow-auto bg-bg p-6 max-sm:p-3">
      <div
        className={classes(
          'mx-auto overflow-hidden border bg-surface shadow-menu',
          phone ? 'w-[390px] max-w-full rounded-[28px]' : 'flex min-h-[480px] max-w-5xl rounded-dialog',
        )}
      >
        <div className={classes('p-4', !phone && 'w-[400px] shrink-0 border-e max-md:w-full')}>
          <FormView form={building.form} document={building.document} />
        </div>
        {phone ? (
          <div className="flex border-t p-3">
            <span className="flex h-11 flex-1 items-center justify-center gap-2 rounded-control bg-accent-fill text-body font-medium text-white">
              <Play size={14} fill="currentColor" aria-hidden="true" />
              {t('Run')}
            </span>
          </div>
        ) : (
          <p className="flex flex-1 items-center justify-center text-body text-muted max-md:hidden">
            {t('What it makes is shown here.')}
          </p>
        )}
      </div>
    </div>
  )
}
