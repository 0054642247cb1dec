/** Which component each kind of control is. */
import type { ComponentType } from 'react'
import type { ControlType } from '@/doc/form'
import type { ControlProps } from './control-props'
import {
  CardsControl,
  RadioControl,
  SearchableControl,
  SelectControl,
  SwitchControl,
} from './controls/choice'
import { ColorControl } from './controls/color'
import { FileControl } from './controls/file'
import { ImageControl } from './controls/image'
import { LorasControl } from './controls/loras'
import { ModelControl } from './controls/model'
import { BothControl, NumberControl, SliderControl } from './controls/number'
import { SeedControl } from './controls/seed'
import { SizeControl } from './controls/size'
import { DiceControl, StepperControl } from './controls/stepper'
import { AreaControl, LineControl } from './controls/text'
import { PromptControl } from './prompt/prompt-control'

export interface ControlEntry {
  /** Absent: the field is not shown. */
  component?: ComponentType<ControlProps>
  /** Label and control share a line. */
  inline?: boolean
}

const CONTROLS: Record<ControlType, ControlEntry> = {
  line: { component: LineControl },
  area: { component: AreaControl },
  prompt: { component: PromptControl },
  number: { component: NumberControl },
  slider: { component: SliderControl },
  both: { component: BothControl },
  stepper: { component: StepperControl },
  dice: { component: DiceControl },
  select: { component: SelectControl },
  radio: { component: RadioControl },
  searchable: { component: SearchableControl },
  cards: { component: CardsControl },
  switch: { component: SwitchControl, inline: true },
  image: { component: ImageControl },
  mask: { component: ImageControl },
  color: { component: ColorControl },
  size: { component: SizeControl },
  seed: { component: SeedControl },
  loras: { component: LorasControl },
  model: { component: ModelControl },
  file: { component: FileControl },
  hidden: {},
}

/** The control of a kind; what is not known is a line of text. */
export const controlFor = (type: ControlType): ControlEntry => CONTROLS[type] ?? CONTROLS.line
