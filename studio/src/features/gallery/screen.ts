import { Images } from 'lucide-react'
import type { Screen } from '@/app/screens'
import { t } from '@/i18n/text'

export const screen: Screen = {
  id: 'gallery',
  title: () => t('Gallery'),
  icon: Images,
  order: 7,

  phone: true,
  load: () => import('./gallery-screen'),
}
