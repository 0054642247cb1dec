/** The parts of the settings, in their order. */
import {
  Database,
  Info,
  Keyboard,
  LayoutPanelLeft,
  type LucideIcon,
  Puzzle,
  Server,
  ShieldCheck,
  SlidersHorizontal,
  UserRound,
} from 'lucide-react'
import { t } from '@/i18n/text'

export type SectionId =
  | 'general'
  | 'interface'
  | 'keys'
  | 'server'
  | 'nodes'
  | 'data'
  | 'privacy'
  | 'account'
  | 'about'

export interface Section {
  id: SectionId
  title: string
  icon: LucideIcon
  /** What a search finds it by, besides its title. */
  words: string
}

export const sectionsOf = (accounts: boolean): Section[] =>
  [
    { id: 'general', title: t('General'), icon: SlidersHorizontal, words: '' },
    { id: 'interface', title: t('Interface'), icon: LayoutPanelLeft, words: '' },
    { id: 'keys', title: t('Keys'), icon: Keyboard, words: t('keyboard shortcuts') },
    {
      id: 'server',
      title: t('Server'),
      icon: Server,
      words: t('address devices memory version log restart worker'),
    },
    { id: 'nodes', title: t('Custom nodes'), icon: Puzzle, words: t('packs enable disable errors') },
    { id: 'data', title: t('Data'), icon: Database, words: t('drafts trash caches size reset') },
    { id: 'privacy', title: t('Privacy'), icon: ShieldCheck, words: t('hosts contacted outside network') },
    ...(accounts
      ? [{ id: 'account', title: t('Account'), icon: UserRound, words: t('sign out user key') } as Section]
      : []),
    { id: 'about', title: t('About'), icon: Info, words: t('licences versions diagnostics') },
  ] satisfies Section[]
