import { t } from '@/i18n/text'
import { EmptyState } from '@/ui/empty-state'

export default function GalleryScreen() {
  return <EmptyState title={t('Gallery')} />
}
