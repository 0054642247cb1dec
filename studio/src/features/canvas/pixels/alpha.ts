/** Masks as numbers: one byte a pixel, grown and softened. No canvas, so that it runs anywhere. */

export interface Alpha {
  width: number
  height: number
  data: Uint8ClampedArray
}

/** How far a mask reaches beyond what was painted: full at the painted edge, nothing `pixels` outside of it. */
export function feathered(alpha: Alpha, pixels: number): Alpha {
  const half = Math.round(pixels / 2)
  if (half < 1) return alpha
  return blurred(blurred(grown(alpha, half), half / 2), half / 2)
}

/** Every pixel takes the largest value within `radius` across and down. */
export function grown(alpha: Alpha, radius: number): Alpha {
  return across(
    across(alpha, (line) => largest(line, radius)),
    (line) => largest(line, radius),
  )
}

/** The mean over `radius` pixels to all sides, across and down. */
export function blurred(alpha: Alpha, radius: number): Alpha {
  const reach = Math.max(1, Math.round(radius))
  return across(
    across(alpha, (line) => mean(line, reach)),
    (line) => mean(line, reach),
  )
}

/** Works on every line, and turns the picture: twice is across and down. */
function across({ width, height, data }: Alpha, work: (line: Uint8ClampedArray) => Uint8ClampedArray): Alpha {
  const turned = new Uint8ClampedArray(data.length)
  for (let row = 0; row < height; row += 1) {
    const line = work(data.subarray(row * width, (row + 1) * width))
    for (let column = 0; column < width; column += 1) turned[column * height + row] = line[column]!
  }
  return { width: height, height: width, data: turned }
}

function largest(line: Uint8ClampedArray, radius: number): Uint8ClampedArray {
  const result = new Uint8ClampedArray(line.length)
  // Places of values that may still be the largest, the largest first.
  const waiting: number[] = []
  let first = 0
  for (let at = 0; at < line.length + radius; at += 1) {
    if (at < line.length) {
      while (waiting.length > first && line[waiting.at(-1)!]! <= line[at]!) waiting.pop()
      waiting.push(at)
    }
    const middle = at - radius
    if (middle < 0) continue
    while (waiting[first]! < middle - radius) first += 1
    result[middle] = line[waiting[first]!]!
  }
  return result
}

function mean(line: Uint8ClampedArray, radius: number): Uint8ClampedArray {
  const result = new Uint8ClampedArray(line.length)
  const at = (place: number) => line[Math.min(line.length - 1, Math.max(0, place))]!
  let sum = 0
  for (let place = -radius; place <= radius; place += 1) sum += at(place)
  for (let place = 0; place < line.length; place += 1) {
    result[place] = sum / (2 * radius + 1)
    sum += at(place + radius + 1) - at(place - radius)
  }
  return result
}

/** The larger of two masks at every pixel. */
export function joined(one: Alpha, other: Alpha): Alpha {
  return { ...one, data: one.data.map((value, at) => Math.max(value, other.data[at] ?? 0)) }
}

/** Share of the pixels, by opacity, 0..1. */
export function coverage({ data }: Alpha): number {
  let sum = 0
  for (const value of data) sum += value
  return data.length > 0 ? sum / (255 * data.length) : 0
}

/** The opacity of a picture's pixels. */
export function alphaOf({ width, height, data }: ImageData): Alpha {
  const alpha = new Uint8ClampedArray(width * height)
  for (let at = 0; at < alpha.length; at += 1) alpha[at] = data[at * 4 + 3]!
  return { width, height, data: alpha }
}

/** What is open where another is full. */
export const inverted = (alpha: Alpha): Alpha => ({ ...alpha, data: alpha.data.map((value) => 255 - value) })
