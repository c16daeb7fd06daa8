import { existsSync, readFileSync } from 'node:fs'
import { equalBytes, generateSeed, toHex } from '@icn/crypto'
import { decodeSignedHeader, type Genesis, headerHash, isOfSeveral, MalformedHeader, signedPower } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { type Archive, ArchiveError, openArchive, restoreArchive, writeSynced } from '@icn/state-store'
import { draftOf, type GenesisText, makeRoomFor, placeDrafts, readGenesisText, removeDrafts } from './data-folder.ts'
import { keyText } from './home/files.ts'
import { progressBar } from './progress.ts'
import { RESTORED, writeRestoredMark } from './restored.ts'
import { TransferError } from './transfer-error.ts'

export interface ImportOptions {
  /** The root that the operator trusts; where validators signed the block in the archive, it is not needed. */
  readonly appHash: string | undefined
  /** The validator's key; without it the folder gets one of its own. */
  readonly keyFile: string | undefined
}

/**
 * Makes a data folder of an archive: one whose root is the one that the validators signed, or that the operator named.
 *
 * @throws TransferError; then the folder holds no state
 */
export function importArchive(
  file: string,
  home: string,
  options: ImportOptions,
): { readonly manifest: Archive['manifest']; readonly network: string } {
  if (!existsSync(file)) throw new TransferError('NOT_AN_ARCHIVE', `${file} is not there`, 'name what export wrote')
  return inWords(() => {
    const archive = openArchive(file)
    try {
      return importOpened(archive, file, home, options)
    } finally {
      archive.close()
    }
  })
}

/**
 * Makes a database of the state in an archive. Nobody is asked who vouches for it: whoever calls knows the root, or says it.
 *
 * @param target - a file that is not there yet
 * @throws TransferError
 */
export function copyArchivedState(file: string, target: string): GenesisText {
  return inWords(() => {
    const archive = openArchive(file)
    try {
      const genesis = genesisOf(archive, file)
      const { modules } = createMachine({ genesis: genesis.genesis })
      restoreArchive(archive, { stateFile: target, modules, onProgress: progressBar('state') })
      return genesis
    } finally {
      archive.close()
    }
  })
}

function genesisOf(archive: Archive, file: string): GenesisText {
  const genesis = readGenesisText(archive.genesis, `the genesis in ${file}`)
  if (equalBytes(genesis.hash, archive.manifest.network)) return genesis
  throw new ArchiveError('ALTERED', 'the archive was altered: its genesis is of another network than its state')
}

function importOpened(archive: Archive, file: string, home: string, { appHash, keyFile }: ImportOptions) {
  const { manifest } = archive
  const genesis = genesisOf(archive, file)
  makeRoomFor(home, genesis)
  if (appHash === undefined) checkSigned(manifest, genesis.genesis)
  else if (appHash !== toHex(manifest.appHash)) {
    const found = `the archive has the state ${toHex(manifest.appHash)}, expected ${appHash}`
    throw new TransferError('NOT_PROVED', found, 'take an archive of that state')
  }
  const key = keyFile === undefined ? keyText(generateSeed()) : readFileSync(keyFile, 'utf8')
  const { modules } = createMachine({ genesis: genesis.genesis })
  try {
    restoreArchive(archive, { stateFile: draftOf(home, 'state.db'), modules, onProgress: progressBar('import') })
    const mark = { height: manifest.height, time: new Date(manifest.timeMs).toISOString() }
    writeRestoredMark(draftOf(home, RESTORED), mark)
    writeSynced(draftOf(home, 'validator-key.json'), key, 0o600)
    writeSynced(draftOf(home, 'genesis.json'), archive.genesis)
    placeDrafts(home)
  } catch (error) {
    removeDrafts(home)
    throw error
  }
  return { manifest, network: genesis.genesis.chainId }
}

/**
 * More than two thirds of the validators of the genesis must have signed the block whose state it is.
 *
 * @throws TransferError `NOT_PROVED`
 */
export function checkSigned({ header, hash, height, timeMs, appHash }: Archive['manifest'], genesis: Genesis): void {
  const advice = 'name the state hash that you know from another source with --app-hash'
  if (header.length === 0) throw new TransferError('NOT_PROVED', 'no signed header goes with this archive', advice)
  if (isOfSeveral(genesis))
    throw new TransferError('NOT_PROVED', 'a header that a node signed alone proves nothing of a network', advice)
  try {
    const signed = decodeSignedHeader(header)
    const own = signed.header
    const { signed: power, total } = signedPower(signed, genesis.validators)
    const isOf =
      own.chainId === genesis.chainId &&
      own.height === height &&
      own.timeMs === timeMs &&
      equalBytes(own.appHash, appHash) &&
      equalBytes(headerHash(signed.headerBytes), hash)
    if (isOf && 3 * power > 2 * total) return
    throw new TransferError(
      'NOT_PROVED',
      `its header is not signed by the validators of the genesis, or of another block`,
      advice,
    )
  } catch (cause) {
    if (!(cause instanceof MalformedHeader)) throw cause
    throw new TransferError('NOT_PROVED', `its header is none: ${cause.message}`, advice, { cause })
  }
}

const ADVICE = {
  ALTERED: 'take another copy',
  NOT_AN_ARCHIVE: 'name what icn-node export wrote',
  OTHER_VERSION: 'install the version that wrote it',
} as const

function inWords<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof ArchiveError)) throw cause
    throw new TransferError(cause.code, cause.message, ADVICE[cause.code], { cause })
  }
}
