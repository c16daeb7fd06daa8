import { toHex } from '@icn/crypto'
import type { JoinFile } from '@icn/http-api'
import { genesisHash, MalformedContinuation, MalformedGenesis, parseGenesis, readContinuation } from '@icn/protocol'
import { isPeer } from '../config/settings.ts'
import { SetupError } from '../setup-error.ts'

const ASK = 'ask an operator of the network for a new one, or join by the address of a node'

/**
 * Checks a join file before anything is written.
 *
 * @param text - of the file
 * @param host - from which it came; `undefined` for a file
 * @param expectedHash - what the operator was told; `undefined` where nothing was
 * @throws SetupError `JOIN_MALFORMED`, `WRONG_GENESIS`, `WRONG_CONTINUATION`, `JOIN_EXPIRED`, `NO_PEER`
 */
export function readJoinFile(
  text: string,
  { host, expectedHash, nowMs }: { readonly host?: string; readonly expectedHash?: string; readonly nowMs: number },
): JoinFile {
  const file = parse(text)
  const actualHash = toHex(genesisHash(file.genesis))
  for (const [named, by] of [
    [file.genesisHash, 'the file itself says'],
    [expectedHash, 'you expect'],
  ]) {
    if (named === undefined || named === actualHash) continue
    const advice = 'compare the genesis hash with an operator whom you trust; nothing was written'
    throw new SetupError('WRONG_GENESIS', `the genesis has the hash ${actualHash}, and ${by} ${named}`, advice)
  }
  checkContinues(file)
  if (Date.parse(file.expires) <= nowMs)
    throw new SetupError('JOIN_EXPIRED', `the join file was valid until ${file.expires}`, ASK)
  const peers = file.peers.map((peer) => peer.replace(/@:/, `@${host ?? ''}:`))
  const unreachable = peers.find((peer) => !isPeer(peer))
  if (peers.length === 0 || unreachable !== undefined)
    throw new SetupError(
      'NO_PEER',
      `the join file names ${unreachable === undefined ? 'no node' : `${unreachable}, which has no address`}`,
      'join by the address of a node (icn network join https://…), or have its operator set cometbft.externalAddress',
    )
  return { ...file, peers }
}

/** Whether the validators of the genesis signed the block after which the network goes on. */
function checkContinues({ continues, genesis }: JoinFile): void {
  if (continues === undefined) return
  try {
    readContinuation(continues, genesis)
  } catch (cause) {
    if (!(cause instanceof MalformedContinuation)) throw cause
    throw new SetupError('WRONG_CONTINUATION', `the network does not go on as the file says: ${cause.message}`, ASK, {
      cause,
    })
  }
}

function parse(text: string): JoinFile {
  try {
    const file = JSON.parse(text) as Record<string, unknown>
    const { format, genesisHash: hash, expires, cometbft, peers, genesis, continues } = file
    const isList = Array.isArray(peers) && peers.every((peer) => typeof peer === 'string')
    const areTexts = [hash, expires, cometbft].every((own) => typeof own === 'string')
    if (format !== 'icn-join-1' || !isList || !areTexts || Number.isNaN(Date.parse(String(expires))))
      throw new MalformedGenesis('expected format, genesisHash, expires, cometbft, peers and genesis')
    const rest = continues === undefined ? {} : { continues }
    return { format, genesisHash: hash, expires, cometbft, peers, genesis: parseGenesis(genesis), ...rest } as JoinFile
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof MalformedGenesis || cause instanceof TypeError)) throw cause
    throw new SetupError('JOIN_MALFORMED', `this is no join file: ${cause.message}`, ASK, { cause })
  }
}
