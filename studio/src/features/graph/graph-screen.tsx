import { t } from '@/i18n/text'
import { EmptyState } from '@/ui/empty-state'

export default function GraphScreen() {
  return <EmptyState title={t('Graph')} />
}
