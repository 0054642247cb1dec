import { t } from '@/i18n/text'
import { EmptyState } from '@/ui/empty-state'

export default function AppsScreen() {
  return <EmptyState title={t('Apps')} />
}
