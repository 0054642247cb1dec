import { t } from '@/i18n/text'
import { EmptyState } from '@/ui/empty-state'

export default function CreateScreen() {
  return <EmptyState title={t('Create')} />
}
