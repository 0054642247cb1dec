/** What the middle of the screen shows of a document: the running job, a result, several, or two against each other. */
import { create } from 'zustand'

/** `auto`: all pictures of a run beside each other, if it made several, until one is chosen. */
export type StageMode = 'auto' | 'single' | 'grid' | 'compare'

interface StageState {
  /** The result that somebody chose, by document; absent: the newest, or what runs. */
  chosen: Record<string, string>
  mode: StageMode
  /** The step of the chosen picture's job that is looked at; -1: the picture itself. */
  step: number
}

export const useStage = create<StageState>(() => ({ chosen: {}, mode: 'auto', step: -1 }))

export const choose = (document: string, key: string): void =>
  useStage.setState(({ chosen, mode }) => ({
    chosen: { ...chosen, [document]: key },
    step: -1,
    mode: mode === 'compare' ? mode : 'single',
  }))

/** Back to what is newest. */
export const followNewest = (document: string): void =>
  useStage.setState(({ chosen, mode }) => {
    const { [document]: _, ...rest } = chosen
    return { chosen: rest, step: -1, mode: mode === 'single' ? 'auto' : mode }
  })

/** Whether all pictures of a run are shown, so many. */
export const useIsGrid = (document: string, pictures: number): boolean =>
  useStage(
    ({ chosen, mode }) =>
      pictures > 1 && (mode === 'grid' || (mode === 'auto' && chosen[document] === undefined)),
  )

export const setMode = (mode: StageMode): void => useStage.setState({ mode, step: -1 })
export const setStep = (step: number): void => useStage.setState({ step })

/** Two pictures against each other, or back to what was chosen. */
export const toggleComparing = (): void =>
  setMode(useStage.getState().mode === 'compare' ? 'auto' : 'compare')
