/** Colours of nodes and groups as files keep them (dark ones, for a dark page), made to suit both themes. */

const found = new Map<string, [head: string, body: string]>()

/** The head of a node with a colour of its own. */
export const headTint = (colour: string): string => tints(colour)[0]
/** The body of a node with a colour of its own. */
export const bodyTint = (colour: string): string => tints(colour)[1]

function tints(colour: string): [string, string] {
  const known = found.get(colour)
  if (known) return known
  const parts = hueOf(colour)
  const [hue, saturation] = parts ?? [0, 0]
  const made: [string, string] = parts
    ? [
        `light-dark(hsl(${hue} ${saturation}% 89%), hsl(${hue} ${saturation * 0.8}% 25%))`,
        `light-dark(hsl(${hue} ${saturation}% 97%), hsl(${hue} ${saturation * 0.6}% 15%))`,
      ]
    : ['var(--raised)', 'var(--raised)']
  found.set(colour, made)
  return made
}

/** Hue and saturation of a colour written as `#rgb` or `#rrggbb`; undefined for others. */
export function hueOf(colour: string): [hue: number, saturation: number] | undefined {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])/i.exec(colour)
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(colour)
  const parts = long ? long.slice(1, 4) : short?.slice(1, 4).map((digit) => digit + digit)
  if (!parts) return undefined
  const [red, green, blue] = parts.map((part) => Number.parseInt(part, 16) / 255) as [number, number, number]
  const most = Math.max(red, green, blue)
  const span = most - Math.min(red, green, blue)
  if (span === 0) return [0, 0]
  const turn =
    most === red
      ? ((green - blue) / span + 6) % 6
      : most === green
        ? (blue - red) / span + 2
        : (red - green) / span + 4
  const sum = most + Math.min(red, green, blue)
  const saturation = span / (1 - Math.abs(sum - 1) || 1)
  return [Math.round(turn * 60), Math.round(Math.min(1, saturation) * 60)]
}

/** Colours to choose from, by name: what is written into the file, for head and body. */
export const PALETTE: { name: string; head: string; body: string }[] = [
  { name: 'red', head: '#59292b', body: '#3d2022' },
  { name: 'orange', head: '#5c3a20', body: '#3e2a1b' },
  { name: 'yellow', head: '#57491c', body: '#3b331a' },
  { name: 'green', head: '#28502f', body: '#1f3724' },
  { name: 'teal', head: '#1f4f50', body: '#1a3637' },
  { name: 'blue', head: '#27406b', body: '#1f2f4a' },
  { name: 'purple', head: '#472f66', body: '#322447' },
  { name: 'pink', head: '#5d2b4d', body: '#402136' },
]
