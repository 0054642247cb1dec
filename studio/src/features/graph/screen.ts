import { Workflow } from 'lucide-react'
import type { Screen } from '@/app/screens'
import { t } from '@/i18n/text'

export const screen: Screen = {
  id: 'graph',
  title: () => t('Graph'),
  icon: Workflow,
  order: 3,
  document: true,

  load: () => import('./graph-screen'),
}
