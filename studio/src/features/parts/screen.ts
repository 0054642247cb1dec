import { Component } from 'lucide-react'
import type { Screen } from '@/app/screens'
import { t } from '@/i18n/text'

/** For those who work on the studio: every part in every state. Its pictures are compared by `test/e2e/parts.e2e.mjs`. */
export const screen: Screen = {
  id: 'parts',
  title: () => t('Parts'),
  icon: Component,
  order: 99,
  hidden: true,
  load: () => import('./parts-screen'),
}
