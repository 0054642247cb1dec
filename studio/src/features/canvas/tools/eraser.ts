import { Eraser } from 'lucide-react'
import { t } from '@/i18n/text'
import { strokeTool } from '../toolbox/strokes'
import type { Tool } from '../toolbox/tool'

/** Takes pixels away, along the pointer. */
export const tool: Tool = {
  id: 'eraser',
  label: () => t('Eraser'),
  icon: Eraser,
  keys: 'e',
  order: 30,
  options: ['brush'],
  cursor: 'ring',
  phone: true,
  ...strokeTool(true),
}
