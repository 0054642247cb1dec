/** Titles as they are seen from far away: cut to what fits by counting, since clipping hundreds of boxes is slow to paint. */

import type { Detail } from '../canvas/detail'

const NARROW = 12
const WIDE = 22
const MARGINS = 20
const LINES = 2
/** Signs as wide as they are high: those of China, Japan and Korea, and most pictures. */
const IS_WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\ud800-\udbff]/

/** How much larger letters are from farthest away. */
const LARGER = 1.55

/** A title as far as it fits into two lines of a node that is so many pixels wide. */
export function farTitle(title: string, width: number, detail: Detail = 'far'): string {
  // A word that does not fit into the rest of the first line begins the second one.
  const lines = (width - MARGINS) * LINES - NARROW * 3
  const room = detail === 'farthest' ? lines / LARGER : lines
  let used = 0
  let cut = ''
  for (const sign of title) {
    used += IS_WIDE.test(sign) ? WIDE : NARROW
    if (used > room) return `${cut.trimEnd()}…`
    cut += sign
  }
  return title
}
