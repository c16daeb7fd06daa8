/**
 * `node --import`: a node that hands out whatever stands in its folder of snapshots, as one would that wants to deceive: a node
 * of ours looks at each piece before it gives it away.
 */
import { registerHooks } from 'node:module'

const FILE = '/state-store/src/snapshots/folder.ts'
const LOOKS = /return content !== undefined && isChunk\(own\.manifest, chunk, content\) \? bytes : undefined/

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context)
    if (!url.endsWith(FILE)) return loaded
    const source = String(loaded.source)
    if (!LOOKS.test(source)) throw new Error(`${url} looks at its pieces in another way than this file knows`)
    return { ...loaded, source: source.replace(LOOKS, 'return bytes') }
  },
})
