import { LayoutGrid } from 'lucide-react'
import type { Screen } from '@/app/screens'
import { t } from '@/i18n/text'

export const screen: Screen = {
  id: 'apps',
  title: () => t('Apps'),
  icon: LayoutGrid,
  order: 4,

  phone: true,
  load: () => import('./apps-screen'),
}
