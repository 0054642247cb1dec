import { ArrowDown, ArrowUp, Dices, Lock, Shuffle } from 'lucide-react'
import { randomSeed } from '@/doc/seeds'
import { CONTROLS, type SeedControl, seedControl, setSeedControl } from '@/doc/widgets'
import { t } from '@/i18n/text'
import { pick } from '../../panels/picker'
import { editNode, useNode, useScope } from '../../state/scope'
import type { WidgetFieldProps } from '../widget-row'
import { limitsOf, NumberParts } from './number-field'

const ICONS = { fixed: Lock, increment: ArrowUp, decrement: ArrowDown, randomize: Shuffle }

const WORDS: Record<SeedControl, () => string> = {
  fixed: () => t('stays as it is'),
  increment: () => t('goes up by one after a run'),
  decrement: () => t('goes down by one after a run'),
  randomize: () => t('is drawn anew after a run'),
}

/** A seed: its number, a dice, and what happens to it after a run. */
export function SeedField(props: WidgetFieldProps) {
  const { id, box, definition, write } = props
  const scope = useScope()
  const control = useNode(id, (node) => seedControl(node, definition, box.name))
  const Icon = control ? ICONS[control] : Lock
  const { max } = limitsOf(box)
  const choose = (anchor: HTMLElement) =>
    pick({
      anchor,
      label: t('After a run the seed…'),
      value: control ? WORDS[control]() : '',
      choices: CONTROLS.map((one) => WORDS[one]()),
      onChoose: (words) => {
        const next = CONTROLS.find((one) => WORDS[one]() === words)!
        editNode(scope, id, { label: t('Change what happens to the seed') }, (node) =>
          setSeedControl(node, definition, box.name, next),
        )
      },
    })
  return (
    <div className="graph-field" data-invalid={Boolean(props.problem)}>
      <NumberParts {...props} />
      <span className="-ms-2 flex shrink-0">
        <button
          type="button"
          aria-label={t('New seed')}
          title={t('New seed')}
          onClick={() => write(Math.min(max, randomSeed()))}
          className="flex size-6 items-center justify-center rounded-small text-faint hover:bg-hover hover:text-text"
        >
          <Dices size={13} aria-hidden="true" />
        </button>
        {control ? (
          <button
            type="button"
            aria-label={t('The seed {{what}}', { what: WORDS[control]() })}
            title={t('The seed {{what}}', { what: WORDS[control]() })}
            onClick={(event) => choose(event.currentTarget)}
            className="flex size-6 items-center justify-center rounded-small text-faint hover:bg-hover hover:text-text"
          >
            <Icon size={13} aria-hidden="true" />
          </button>
        ) : null}
      </span>
    </div>
  )
}
