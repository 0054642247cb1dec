import { t } from '@/i18n/text'
import { EmptyState } from '@/ui/empty-state'

export default function SettingsScreen() {
  return <EmptyState title={t('Settings')} />
}
