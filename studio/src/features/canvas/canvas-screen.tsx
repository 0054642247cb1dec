import { t } from '@/i18n/text'
import { EmptyState } from '@/ui/empty-state'

export default function CanvasScreen() {
  return <EmptyState title={t('Canvas')} />
}
