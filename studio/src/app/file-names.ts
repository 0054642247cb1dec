/** Names of workflow files: what a document is called in the folder of workflows, and as a download. */

const FORBIDDEN = /[<>:"\\|?*]|\p{Cc}/gu

/** A name that every system can keep, without its end; folders stay. */
export function cleanName(text: string): string {
  const parts = text
    .replace(/\.json$/i, '')
    .replace(FORBIDDEN, '')
    .split('/')
    .map((part) => part.replace(/^[.\s]+|[.\s]+$/g, ''))
    .filter(Boolean)
  return parts.join('/').slice(0, 160)
}

/** The file of a name: `portrait` is `portrait.json`; `poster.app` stays an app's. */
export const fileNameOf = (name: string): string => `${cleanName(name)}.json`

/** What a file is called when it is shown: without folders and end. */
export const titleOfFile = (name: string): string =>
  (name.split('/').at(-1) ?? name).replace(/(\.app)?\.json$/i, '').replace(/\.[a-z0-9]{2,11}$/i, '')

/** The name beside `name` that none of `taken` has: `portrait copy`, `portrait copy 2`. */
export function copyName(name: string, taken: readonly string[]): string {
  const stem = name.replace(/\.json$/i, '')
  const known = new Set(taken.map((other) => other.toLowerCase()))
  for (let number = 1; ; number += 1) {
    const free = `${stem} copy${number > 1 ? ` ${number}` : ''}.json`
    if (!known.has(free.toLowerCase())) return free
  }
}
