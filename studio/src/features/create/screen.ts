import { Brush } from 'lucide-react'
import type { Screen } from '@/app/screens'
import { t } from '@/i18n/text'

export const screen: Screen = {
  id: 'create',
  title: () => t('Create'),
  icon: Brush,
  order: 1,
  document: true,
  phone: true,
  load: () => import('./create-screen'),
}
