import { t } from '@/i18n/text'
import { EmptyState } from '@/ui/empty-state'

export default function CompareScreen() {
  return <EmptyState title={t('Compare')} />
}
