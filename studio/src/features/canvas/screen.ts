import { PencilRuler } from 'lucide-react'
import type { Screen } from '@/app/screens'
import { t } from '@/i18n/text'

export const screen: Screen = {
  id: 'canvas',
  title: () => t('Canvas'),
  icon: PencilRuler,
  order: 2,
  document: true,

  load: () => import('./canvas-screen'),
}
