import { Search } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { goTo } from '@/app/navigation'
import { usePreferences } from '@/app/preferences'
import type { ScreenProps } from '@/app/screens'
import { useSession } from '@/app/session'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { classes } from '@/ui/classes'
import { EmptyState } from '@/ui/empty-state'
import { Input } from '@/ui/input'
import { ScreenHeader } from '@/ui/screen-frame'
import { AboutSection } from './about-section'
import { AccountSection } from './account-section'
import { DataSection } from './data-section'
import { ImportSettings } from './import-settings'
import { KeysSection } from './keys-section'
import { NodesSection } from './nodes-section'
import { PreferenceSetting, preferenceRows } from './preference-rows'
import { PrivacySection } from './privacy-section'
import { type Section, type SectionId, sectionsOf } from './sections'
import { ServerSection } from './server-section'

/** All that can be set, found by its place or by a word. */
export default function SettingsScreen({ rest }: ScreenProps) {
  const accounts = useSession((state) => state.session?.accounts === true)
  const sections = sectionsOf(accounts)
  const [text, setText] = useState('')
  const sought = useDeferredValue(text.trim().toLowerCase())
  const current = sections.find((section) => section.id === rest) ?? sections[0]!
  return (
    <div className="flex h-full min-h-0 flex-col">
      <ScreenHeader title={t('Settings')}>
        <div className="relative min-w-40 flex-1 sm:max-w-80">
          <Search
            size={16}
            className="pointer-events-none absolute inset-y-0 start-2 my-auto text-faint"
            aria-hidden="true"
          />
          <Input
            type="search"
            value={text}
            onChange={setText}
            aria-label={t('Search settings')}
            placeholder={t('Search settings')}
            className="!ps-8"
          />
        </div>
      </ScreenHeader>
      <div className="flex min-h-0 flex-1 max-sm:flex-col">
        <SectionList sections={sections} current={sought ? null : current.id} onChoose={() => setText('')} />
        <div className="min-h-0 min-w-0 flex-1 overflow-auto">
          <div className="mx-auto flex max-w-3xl flex-col gap-8 px-8 py-6 max-sm:px-4 max-sm:py-4">
            {sought ? (
              <Found sections={sections} sought={sought} onClear={() => setText('')} />
            ) : (
              <SectionView section={current} />
            )}
          </div>
        </div>
      </div>
    </div>
  )
}

function SectionList({
  sections,
  current,
  onChoose,
}: {
  sections: Section[]
  current: SectionId | null
  onChoose: () => void
}) {
  return (
    <nav
      aria-label={t('Parts of the settings')}
      className="flex w-56 shrink-0 flex-col gap-0.5 overflow-auto border-e bg-surface p-3 max-sm:w-full max-sm:flex-row max-sm:border-e-0 max-sm:border-b max-sm:p-2"
    >
      {sections.map((section) => (
        <button
          key={section.id}
          type="button"
          aria-current={section.id === current ? 'page' : undefined}
          onClick={() => {
            onChoose()
            goTo('settings', section.id === 'general' ? '' : section.id)
          }}
          className={classes(
            'flex h-control shrink-0 items-center gap-3 rounded-control px-3 text-start text-body text-muted hover:bg-hover hover:text-text',
            section.id === current && '!bg-accent-soft font-medium !text-text',
          )}
        >
          <section.icon size={16} strokeWidth={1.5} className="shrink-0" aria-hidden="true" />
          <span className="truncate">{section.title}</span>
        </button>
      ))}
    </nav>
  )
}

function SectionView({ section, rows = true }: { section: Section; rows?: boolean }) {
  const shown = rows ? preferenceRows().filter((row) => row.section === section.id) : []
  const Body = BODIES[section.id]
  return (
    <section aria-labelledby={`settings-${section.id}`}>
      <h2 id={`settings-${section.id}`} className="mb-3 text-title font-semibold">
        {section.title}
      </h2>
      {shown.length > 0 ? (
        <div className="rounded-card border bg-surface px-4">
          {shown.map((row) => (
            <PreferenceSetting key={row.name} row={row} />
          ))}
        </div>
      ) : null}
      {Body ? <Body /> : null}
    </section>
  )
}

const BODIES: Partial<Record<SectionId, React.ComponentType>> = {
  interface: ImportSettings,
  keys: KeysSection,
  server: ServerSection,
  nodes: NodesSection,
  data: DataSection,
  privacy: PrivacySection,
  account: AccountSection,
  about: AboutSection,
}

/** What a word finds: single settings, keys, and whole parts. */
function Found({ sections, sought, onClear }: { sections: Section[]; sought: string; onClear: () => void }) {
  usePreferences((state) => state.language)
  const words = sought.split(/\s+/)
  const fits = (...texts: (string | undefined)[]) => {
    const whole = texts.join(' ').toLowerCase()
    return words.every((word) => whole.includes(word))
  }
  const rows = preferenceRows().filter((row) => fits(row.label, row.help))
  const parts = sections.filter((section) => fits(section.title, section.words) && BODIES[section.id])
  return (
    <>
      {rows.length > 0 ? (
        <section aria-label={t('Settings')} className="rounded-card border bg-surface px-4">
          {rows.map((row) => (
            <PreferenceSetting key={row.name} row={row} />
          ))}
        </section>
      ) : null}
      {parts
        .filter((section) => section.id !== 'keys')
        .map((section) => (
          <SectionView key={section.id} section={section} rows={false} />
        ))}
      <KeysSection
        sought={sought}
        empty={
          rows.length + parts.length > 0 ? null : (
            <EmptyState
              title={t('Nothing is called like that.')}
              actions={<Button onClick={onClear}>{t('Show all')}</Button>}
            />
          )
        }
      />
    </>
  )
}
