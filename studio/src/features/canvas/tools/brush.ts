import { Brush } from 'lucide-react'
import { t } from '@/i18n/text'
import { strokeTool } from '../toolbox/strokes'
import type { Tool } from '../toolbox/tool'

/** Paints with the colour, along the pointer. */
export const tool: Tool = {
  id: 'brush',
  label: () => t('Brush'),
  icon: Brush,
  keys: 'b',
  order: 20,
  options: ['brush'],
  cursor: 'ring',
  phone: true,
  ...strokeTool(false),
}
