import { t } from '@/i18n/text'
import { EmptyState } from '@/ui/empty-state'

export default function ModelsScreen() {
  return <EmptyState title={t('Models')} />
}
