/** The settings that are preferences, as data: what they are called, where they stand, and their controls. */
import type { ReactNode } from 'react'
import { DEFAULTS, type Preferences, prefer, usePreferences } from '@/app/preferences'
import { screens } from '@/app/screens'
import { LANGUAGES, t } from '@/i18n/text'
import { Segmented } from '@/ui/segmented'
import { Select } from '@/ui/select'
import { Switch } from '@/ui/switch'
import { AccentChoice } from './accent-choice'
import type { SectionId } from './sections'
import { SettingRow } from './setting-row'

type Name = Exclude<keyof Preferences, 'keys' | 'dismissed'>

export interface PreferenceRow {
  name: Name
  section: SectionId
  label: string
  help?: string
  control: (value: never, label: string) => ReactNode
}

const SYSTEM = '*'

export const preferenceRows = (): PreferenceRow[] => [...general(), ...looking(), ...working()]

const general = (): PreferenceRow[] => [
  {
    name: 'language',
    section: 'general',
    label: t('Language'),
    help: t('Names of nodes come from the server, in its languages.'),
    control: (value: string, label) => (
      <Select
        label={label}
        value={value || SYSTEM}
        onChange={(next) => prefer({ language: next === SYSTEM ? '' : next })}
        className="!w-52"
        choices={[
          { value: SYSTEM, label: t('That of the browser') },
          ...Object.entries(LANGUAGES).map(([code, name]) => ({ value: code, label: name })),
          ...(value && !(value in LANGUAGES) ? [{ value, label: value }] : []),
        ]}
      />
    ),
  },
  {
    name: 'theme',
    section: 'general',
    label: t('Theme'),
    control: (value: Preferences['theme'], label) => (
      <Segmented
        label={label}
        value={value}
        onChange={(theme) => prefer({ theme })}
        segments={[
          { value: 'system', label: t('System') },
          { value: 'dark', label: t('Dark') },
          { value: 'light', label: t('Light') },
          { value: 'contrast', label: t('High contrast') },
        ]}
        className="[&>button]:flex-auto"
      />
    ),
  },
  {
    name: 'accent',
    section: 'general',
    label: t('Accent'),
    help: t('The colour of the next thing to do.'),
    control: (value: string, label) => <AccentChoice label={label} value={value} />,
  },
]

const looking = (): PreferenceRow[] => [
  {
    name: 'density',
    section: 'general',
    label: t('Density'),
    control: (value: Preferences['density'], label) => (
      <Segmented
        label={label}
        value={value}
        onChange={(density) => prefer({ density })}
        segments={[
          { value: 'comfortable', label: t('Comfortable') },
          { value: 'compact', label: t('Compact') },
        ]}
        className="[&>button]:flex-auto"
      />
    ),
  },
  {
    name: 'motion',
    section: 'general',
    label: t('Motion'),
    help: t('Whether things move when they appear.'),
    control: (value: Preferences['motion'], label) => (
      <Segmented
        label={label}
        value={value}
        onChange={(motion) => prefer({ motion })}
        segments={[
          { value: 'system', label: t('System') },
          { value: 'reduced', label: t('Reduced') },
        ]}
        className="[&>button]:flex-auto"
      />
    ),
  },
  {
    name: 'previews',
    section: 'general',
    label: t('Live previews'),
    help: t('The picture on its way from noise. Off is quicker on a slow connection.'),
    control: (value: Preferences['previews'], label) => (
      <Segmented
        label={label}
        value={value}
        onChange={(previews) => prefer({ previews })}
        segments={[
          { value: 'full', label: t('Full') },
          { value: 'small', label: t('Small') },
          { value: 'off', label: t('Off') },
        ]}
        className="[&>button]:flex-auto"
      />
    ),
  },
  {
    name: 'sound',
    section: 'general',
    label: t('Sound at the end'),
    help: t('A short sound when the last job is done.'),
    control: (value: boolean, label) => (
      <Switch label={label} checked={value} onChange={(sound) => prefer({ sound })} />
    ),
  },
  {
    name: 'notify',
    section: 'general',
    label: t('Notice of the system at the end'),
    help: t('The browser asks once whether it may.'),
    control: (value: boolean, label) => (
      <Switch label={label} checked={value} onChange={(notify) => void askToNotify(notify)} />
    ),
  },
]

const working = (): PreferenceRow[] => [
  {
    name: 'startScreen',
    section: 'interface',
    label: t('Start screen'),
    help: t('What opens first.'),
    control: (value: string, label) => (
      <Select
        label={label}
        value={value}
        onChange={(startScreen) => prefer({ startScreen })}
        className="!w-52"
        choices={screens
          .filter((screen) => screen.order < 90)
          .map((screen) => ({ value: screen.id, label: screen.title() }))}
      />
    ),
  },
  {
    name: 'habits',
    section: 'interface',
    label: t('I come from'),
    help: t('Keys and gestures that your hands know.'),
    control: (value: Preferences['habits'], label) => (
      <Select
        label={label}
        value={value}
        onChange={(habits) => prefer({ habits: habits as Preferences['habits'] })}
        className="!w-52"
        choices={[
          { value: 'comfyui', label: 'ComfyUI' },
          { value: 'a1111', label: 'A1111, Forge' },
          { value: 'invokeai', label: 'InvokeAI' },
          { value: 'photoshop', label: 'Photoshop' },
          { value: 'touchpad', label: t('Touchpad') },
        ]}
      />
    ),
  },
  {
    name: 'railWords',
    section: 'interface',
    label: t('Words in the rail'),
    help: t('Names below the icons at the edge.'),
    control: (value: boolean, label) => (
      <Switch label={label} checked={value} onChange={(railWords) => prefer({ railWords })} />
    ),
  },
  {
    name: 'singleKeys',
    section: 'interface',
    label: t('Keys of one letter'),
    help: t('Such as B for the brush. Off helps with speech input and shaky hands.'),
    control: (value: boolean, label) => (
      <Switch label={label} checked={value} onChange={(singleKeys) => prefer({ singleKeys })} />
    ),
  },
]

async function askToNotify(notify: boolean): Promise<void> {
  if (notify && 'Notification' in window && Notification.permission === 'default')
    await Notification.requestPermission()
  prefer({ notify })
}

/** One of them as a row, which is drawn anew only when its own value changes. */
export function PreferenceSetting({ row }: { row: PreferenceRow }) {
  const value = usePreferences((state) => state[row.name])
  return (
    <SettingRow
      label={row.label}
      help={row.help}
      changed={value !== DEFAULTS[row.name]}
      onReset={() => prefer({ [row.name]: DEFAULTS[row.name] })}
    >
      {() => row.control(value as never, row.label)}
    </SettingRow>
  )
}
