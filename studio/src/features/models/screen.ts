import { Boxes } from 'lucide-react'
import type { Screen } from '@/app/screens'
import { t } from '@/i18n/text'

export const screen: Screen = {
  id: 'models',
  title: () => t('Models'),
  icon: Boxes,
  order: 8,

  load: () => import('./models-screen'),
}
