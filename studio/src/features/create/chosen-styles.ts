/** Names of the styles that a document's prompt goes through; they lie in the document beside its roles. */
import type { Workflow } from '@/doc/workflow'

export const chosenStyles = (workflow: Workflow): string[] => {
  const styles = workflow.extra?.studio?.styles
  return Array.isArray(styles) ? styles.map(String) : []
}

export function chooseStyles(draft: Workflow, styles: string[]): void {
  const studio = draft.extra?.studio
  if (studio) studio.styles = styles
}
