import { Pause } from 'lucide-react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { pause } from './orders'

/** Says that nothing begins for now, with the way on. */
export const PausedBar = () => (
  <div role="status" className="flex min-h-10 shrink-0 items-center gap-2 border-b bg-warn/10 py-1 ps-4 pe-2">
    <Pause size={14} aria-hidden="true" className="shrink-0 text-warn" />
    <span className="min-w-0 flex-1 text-label text-warn">
      {t('Paused. What runs goes on; nothing else begins.')}
    </span>
    <Button small onClick={() => void pause(false)}>
      {t('Resume')}
    </Button>
  </div>
)
