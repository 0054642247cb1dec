/** A zip file without compression (its pictures are packed already): enough to write and read our own projects. */

export interface ZipEntry {
  name: string
  bytes: Uint8Array
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const UTF8 = 0x0800
/** The first of January 1980, the earliest day that a zip knows: equal contents give equal files. */
const DAY = 0x21

/** Writes a zip file. */
export function writeZip(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Uint8Array[] = []
  const central: Uint8Array[] = []
  let offset = 0
  for (const { name, bytes } of entries) {
    const text = new TextEncoder().encode(name)
    const sum = checksum(bytes)
    const local = record(30, text, (view) => {
      view.setUint32(0, LOCAL, true)
      header(view, 4, sum, bytes.length, text.length)
    })
    central.push(
      record(46, text, (view) => {
        view.setUint32(0, CENTRAL, true)
        view.setUint16(4, 20, true)
        header(view, 6, sum, bytes.length, text.length)
        view.setUint32(42, offset, true)
      }),
    )
    parts.push(local, bytes)
    offset += local.length + bytes.length
  }
  const size = central.reduce((sum, one) => sum + one.length, 0)
  const end = record(22, new Uint8Array(), (view) => {
    view.setUint32(0, END, true)
    view.setUint16(8, entries.length, true)
    view.setUint16(10, entries.length, true)
    view.setUint32(12, size, true)
    view.setUint32(16, offset, true)
  })
  return joined([...parts, ...central, end])
}

/** Reads a zip file. Throws if it is none, or if something in it is packed or broken. */
export function readZip(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOf(view)
  const count = view.getUint16(end + 10, true)
  const entries: ZipEntry[] = []
  let at = view.getUint32(end + 16, true)
  for (let turn = 0; turn < count; turn += 1) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL)
      throw new Error('The file is damaged.')
    const [named, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [
      number,
      number,
      number,
    ]
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + named))
    if (view.getUint16(at + 10, true) !== 0) throw new Error('It is packed in a way that projects are not.')
    const content = contentAt(view, bytes, view.getUint32(at + 42, true), view.getUint32(at + 24, true))
    if (checksum(content) !== view.getUint32(at + 16, true))
      throw new Error(`${name} in the file is damaged.`)
    entries.push({ name, bytes: content })
    at += 46 + named + extra + comment
  }
  return entries
}

function contentAt(view: DataView, bytes: Uint8Array, local: number, size: number): Uint8Array {
  if (local + 30 > bytes.length || view.getUint32(local, true) !== LOCAL)
    throw new Error('The file is damaged.')
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
  if (start + size > bytes.length) throw new Error('The file ends too early.')
  return bytes.slice(start, start + size)
}

function endOf(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 65_557); at -= 1)
    if (view.getUint32(at, true) === END) return at
  throw new Error('This is not a project file.')
}

function record(size: number, name: Uint8Array, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size + name.length)
  write(new DataView(bytes.buffer))
  bytes.set(name, size)
  return bytes
}

/** What local and central records share, from the version on. */
function header(view: DataView, at: number, sum: number, size: number, named: number): void {
  view.setUint16(at, 20, true)
  view.setUint16(at + 2, UTF8, true)
  view.setUint16(at + 8, DAY, true)
  view.setUint32(at + 10, sum, true)
  view.setUint32(at + 14, size, true)
  view.setUint32(at + 18, size, true)
  view.setUint16(at + 22, named, true)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value >>> 0
})

/** CRC-32, as zip files want it. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 0xff]! ^ (sum >>> 8)
  return (sum ^ 0xffffffff) >>> 0
}
