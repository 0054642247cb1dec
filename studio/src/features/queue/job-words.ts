/** How jobs are told in words: states, what they are called, where they are. */
import { shownDuration, t } from '@/i18n/text'
import { isOver, type JobRow, type JobState } from '@/net/queue'

type Tone = 'plain' | 'accent' | 'ok' | 'warn' | 'err' | 'info'

export const STATE_TONES: Record<JobState, Tone> = {
  waiting: 'plain',
  held: 'warn',
  running: 'accent',
  succeeded: 'ok',
  failed: 'err',
  lost: 'err',
  interrupted: 'plain',
}

export const stateWord = (state: JobState): string =>
  ({
    waiting: t('Waiting'),
    held: t('On hold'),
    running: t('Running'),
    succeeded: t('Done'),
    failed: t('Failed'),
    lost: t('Lost'),
    interrupted: t('Cancelled'),
  })[state]

/** What a job is called: its prompt if it has one, else its title. */
export const nameOf = (row: JobRow): string => row.text || row.title || t('Untitled')

/** How long a job took, or is going to take; empty if nobody knows. */
export function lengthOf(row: JobRow): string {
  if (isOver(row)) return row.started && row.ended ? shownDuration(row.ended - row.started) : ''
  return row.expected ? t('about {{time}}', { time: shownDuration(row.expected * 1000) }) : ''
}

/** The API that a job came through, if it was not the studio or ComfyUI's. */
export const doorOf = (row: JobRow): string =>
  ({ a1111: 'A1111 API', openai: 'OpenAI API', comfy_v2: 'Comfy API v2', apps: t('App') })[row.dialect] ?? ''

/** A job as one text, to be pasted into a report. */
export const reportOf = (row: JobRow, traceback: readonly string[] = []): string =>
  [
    `${row.error?.node_type ? `${row.error.node_type} (${row.error.node})` : t('The job')}: ${row.error?.message ?? ''}`,
    row.error?.code ?? '',
    ...traceback,
    `job ${row.id}`,
  ]
    .filter(Boolean)
    .join('\n')
