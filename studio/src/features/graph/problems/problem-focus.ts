/** Which problem somebody looks at, and whether the panel of problems is open. */
import { create } from 'zustand'

interface ProblemFocus {
  open: boolean
  /** The node whose problems are to be seen. */
  node: string
  /** Counts the wishes, so that the same node can be wished for again. */
  turn: number
}

export const useProblemFocus = create<ProblemFocus>(() => ({ open: false, node: '', turn: 0 }))

/** Opens the panel at a node's problems. */
export const showProblem = (node: string): void =>
  useProblemFocus.setState(({ turn }) => ({ open: true, node, turn: turn + 1 }))

export const toggleProblems = (open?: boolean): void =>
  useProblemFocus.setState((state) => ({ open: open ?? !state.open }))
