import { Table2 } from 'lucide-react'
import type { Screen } from '@/app/screens'
import { t } from '@/i18n/text'

export const screen: Screen = {
  id: 'compare',
  title: () => t('Compare'),
  icon: Table2,
  order: 5,

  load: () => import('./compare-screen'),
}
