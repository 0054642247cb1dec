/** Keys that people know from other programs: only where those differ from ours, by command. */
import { t } from '@/i18n/text'

export interface KeyPreset {
  id: string
  title: string
  keys: Record<string, string>
}

export const keyPresets = (): KeyPreset[] => [
  { id: 'own', title: t('Limner, ComfyUI'), keys: {} },
  { id: 'a1111', title: 'A1111, Forge', keys: { 'run.cancel': 'Alt+Enter' } },
  {
    id: 'invokeai',
    title: 'InvokeAI',
    keys: { 'run.cancel': 'Shift+X', 'create.panels': 'f', 'graph.add': 'Shift+A' },
  },
]
