import { t } from '@/i18n/text'
import { EmptyState } from '@/ui/empty-state'

export default function QueueScreen() {
  return <EmptyState title={t('Queue')} />
}
