import { Hand } from 'lucide-react'
import { t } from '@/i18n/text'
import type { Tool } from '../toolbox/tool'

/** The view is moved by the stage itself. */
export const tool: Tool = {
  id: 'hand',
  label: () => t('Hand'),
  icon: Hand,
  keys: 'h',
  order: 110,
  options: [],
  cursor: 'grab',
  phone: true,
}
