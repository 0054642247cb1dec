/** Files that are chosen in a dialog of the system, and what is asked where several things can be done with them. */
import { create } from 'zustand'
import { readPlace } from '@/app/navigation'
import { takeFiles } from '@/app/take-files'
import { commonKind, kindOf, type Outcome, outcomesOf } from '@/app/what-happens'
import { t } from '@/i18n/text'
import { toast } from '@/ui/toasts'

interface Question {
  files: File[]
  screen: string
  outcomes: Outcome[]
}

/** Files that wait for an answer to what should happen with them. */
export const useFileQuestion = create<{ question: Question | null }>(() => ({ question: null }))

/** Lets somebody choose files, and takes them as if they had been dropped on the screen. */
export function chooseFiles(): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  input.onchange = () => offerFiles([...(input.files ?? [])])
  input.click()
}

/** Takes files on the screen that is shown; asks if several things can be done with them. */
export function offerFiles(files: File[]): void {
  if (files.length === 0) return
  const { screen } = readPlace(location.pathname)
  const outcomes = outcomesOf(screen, commonKind(files.map(kindOf)), files.length)
  if (outcomes.length > 1) useFileQuestion.setState({ question: { files, screen, outcomes } })
  else if (outcomes[0]) void takeFiles(files, outcomes[0].deed, screen)
  else toast({ text: t('Nothing can be done with {{name}} here.', { name: files[0]!.name }), tone: 'warn' })
}
