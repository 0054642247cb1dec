import { LogOut } from 'lucide-react'
import { signOut, useSession } from '@/app/session'
import { t } from '@/i18n/text'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { SettingRow } from './setting-row'

/** Who is signed in, and what that allows. */
export function AccountSection() {
  const session = useSession((state) => state.session)
  if (!session?.user) return null
  return (
    <div className="rounded-card border bg-surface px-4">
      <SettingRow label={session.user} help={t('Signed in with a key of this server.')}>
        {() => (
          <Button icon={<LogOut size={16} aria-hidden="true" />} onClick={() => void signOut()}>
            {t('Sign out')}
          </Button>
        )}
      </SettingRow>
      <SettingRow label={t('What the key allows')}>
        {() => (
          <span className="flex flex-wrap justify-end gap-1">
            {session.scopes.map((scope) => (
              <Badge key={scope}>{scope}</Badge>
            ))}
          </span>
        )}
      </SettingRow>
    </div>
  )
}
