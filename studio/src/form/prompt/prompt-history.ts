/** Prompts that were run, the newest first; kept in this browser. */
const NAME = 'limner.prompts'
const KEPT = 100

export function promptHistory(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(NAME) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === 'string') : []
  } catch {
    return []
  }
}

export function keepPrompt(text: string): void {
  const clean = text.trim()
  if (!clean) return
  const next = [clean, ...promptHistory().filter((other) => other !== clean)].slice(0, KEPT)
  try {
    localStorage.setItem(NAME, JSON.stringify(next))
  } catch {
    // No room: history is a comfort, not work.
  }
}
