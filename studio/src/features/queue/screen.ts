import { ListVideo } from 'lucide-react'
import type { Screen } from '@/app/screens'
import { t } from '@/i18n/text'

export const screen: Screen = {
  id: 'queue',
  title: () => t('Queue'),
  icon: ListVideo,
  order: 6,

  phone: true,
  load: () => import('./queue-screen'),
}
