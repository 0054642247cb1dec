import { CloudOff } from 'lucide-react'
import { t } from '@/i18n/text'
import { useConnection } from './connection'

/** A thin bar while the server is not there. Everything but running goes on. */
export function ConnectionBar() {
  const { connection, everOpen } = useConnection()
  if (connection === 'open' || (connection === 'connecting' && !everOpen)) return null
  return (
    <div
      role="status"
      className="flex h-8 shrink-0 items-center justify-center gap-2 border-b bg-warn/15 px-3 text-label text-warn"
    >
      <CloudOff size={14} aria-hidden="true" />
      {t('No connection to the server. You can go on editing; it connects again by itself.')}
    </div>
  )
}
