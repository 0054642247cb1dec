/** A picture that is shown only once it is decoded, so that there is never a gap; what was shown stays until then. */
import { useEffect, useRef, useState } from 'react'

export interface Decoded {
  src: string
  width: number
  height: number
}

/** The newest of the wanted pictures that is decoded. One decode at a time: those that come meanwhile are passed over. */
export function useDecoded(src: string): Decoded | null {
  const [shown, show] = useState<Decoded | null>(null)
  const wanted = useRef(src)
  const busy = useRef(false)
  const gone = useRef(false)
  useEffect(() => {
    gone.current = false
    return () => {
      gone.current = true
    }
  }, [])
  useEffect(() => {
    wanted.current = src
    const pump = async () => {
      if (busy.current || !wanted.current) return
      busy.current = true
      const next = wanted.current
      const decoded = await decode(next)
      busy.current = false
      if (gone.current) return
      if (decoded) show(decoded)
      if (wanted.current !== next) void pump()
    }
    void pump()
  }, [src])
  return src ? shown : null
}

async function decode(src: string): Promise<Decoded | null> {
  const picture = new Image()
  picture.src = src
  try {
    await picture.decode()
    return { src, width: picture.naturalWidth, height: picture.naturalHeight }
  } catch {
    return null
  }
}
