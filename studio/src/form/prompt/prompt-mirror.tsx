import { memo } from 'react'
import { classes } from '@/ui/classes'
import { type PartKind, partsOf } from './prompt-grammar'

const COLOURS: Record<PartKind, string> = {
  text: '',
  lora: 'rounded-[3px] bg-(--port-model)/25 shadow-[0_0_0_1px] shadow-(color:--port-model)/50',
  wildcard: 'rounded-[3px] bg-(--port-mask)/25',
  choice: 'rounded-[3px] bg-(--port-conditioning)/30',
  weight: 'rounded-[3px] bg-(--port-float)/25',
}

/** What lies behind a prompt's text and gives its parts their colours. The text itself is invisible here. */
export const PromptMirror = memo(({ text, className }: { text: string; className: string }) => (
  <div
    aria-hidden="true"
    className={classes(className, 'pointer-events-none break-words whitespace-pre-wrap text-transparent')}
  >
    {partsOf(text).map((part, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no names; their places are what they are.
      <span key={at} className={COLOURS[part.kind]}>
        {part.text}
      </span>
    ))}
    {'\n'}
  </div>
))
