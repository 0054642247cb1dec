import { Settings } from 'lucide-react'
import type { Screen } from '@/app/screens'
import { t } from '@/i18n/text'

export const screen: Screen = {
  id: 'settings',
  title: () => t('Settings'),
  icon: Settings,
  order: 91,

  load: () => import('./settings-screen'),
}
