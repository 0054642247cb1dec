/** What the middle of the screen shows of a document: the running job, a result, several, or two against each other. */
import { create } from 'zustand'

export type StageMode = 'single' | 'grid' | 'compare'

interface StageState {
  /** The result that somebody chose, by document; absent: the newest, or what runs. */
  chosen: Record<string, string>
  mode: StageMode
  /** The step of the chosen picture's job that is looked at; -1: the picture itself. */
  step: number
}

export const useStage = create<StageState>(() => ({ chosen: {}, mode: 'single', step: -1 }))

export const choose = (document: string, key: string): void =>
  useStage.setState(({ chosen, mode }) => ({
    chosen: { ...chosen, [document]: key },
    step: -1,
    mode: mode === 'grid' ? 'single' : mode,
  }))

/** Back to what is newest. */
export const followNewest = (document: string): void =>
  useStage.setState(({ chosen }) => {
    const { [document]: _, ...rest } = chosen
    return { chosen: rest, step: -1 }
  })

export const setMode = (mode: StageMode): void => useStage.setState({ mode, step: -1 })
export const setStep = (step: number): void => useStage.setState({ step })
