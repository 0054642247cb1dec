import { Check } from 'lucide-react'
import { RadioGroup } from 'radix-ui'
import { prefer } from '@/app/preferences'
import { t } from '@/i18n/text'

const BLUE = 'blue'

/** The eight accents, each shown as what it is. */
export function AccentChoice({ label, value }: { label: string; value: string }) {
  const accents: [string, string][] = [
    [BLUE, t('Blue')],
    ['violet', t('Violet')],
    ['rose', t('Rose')],
    ['red', t('Red')],
    ['amber', t('Amber')],
    ['green', t('Green')],
    ['teal', t('Teal')],
    ['slate', t('Slate')],
  ]
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value || BLUE}
      onValueChange={(next) => prefer({ accent: next === BLUE ? '' : next })}
      className="flex flex-wrap gap-1"
    >
      {accents.map(([name, title]) => (
        <RadioGroup.Item
          key={name}
          value={name}
          aria-label={title}
          title={title}
          data-accent={name}
          className="flex size-7 items-center justify-center rounded-full border-2 border-transparent focus-ring data-[state=checked]:border-text pointer-coarse:size-11"
        >
          <span
            data-accent={name === BLUE ? '' : name}
            className="flex size-5 items-center justify-center rounded-full text-white pointer-coarse:size-8"
            style={{ background: name === BLUE ? '#4763e6' : 'var(--accent-fill)' }}
          >
            <RadioGroup.Indicator>
              <Check size={12} strokeWidth={3} aria-hidden="true" />
            </RadioGroup.Indicator>
          </span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}
