/**
 * Where the focus goes when a dialog opens: to the first thing to fill in, else to the dialog itself. Never to its Close
 * button, whose tooltip would take the first Esc.
 */
export function focusFirst(event: Event, { fields = true } = {}): void {
  const content = event.currentTarget
  if (!(content instanceof HTMLElement)) return
  event.preventDefault()
  const field = fields
    ? content.querySelector<HTMLElement>(
        'input:not([type="hidden"], [tabindex="-1"], :disabled), textarea:not(:disabled)',
      )
    : null
  ;(field ?? content).focus()
}
