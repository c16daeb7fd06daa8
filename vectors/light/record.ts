/**
 * Writes cometbft.json: light blocks of a real network of CometBFT whose validators change one by one until nobody of the
 * first set is left. Each run makes another network, so the file is recorded, not generated; needs
 * `npm run setup:cometbft` and half a minute.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLightBlockSource } from '@icn/consensus/light-block'
import { equalBytes, toHex } from '@icn/crypto'
import { publicKeyToText } from '@icn/protocol'
import {
  checkCommit,
  checkForm,
  decodeLightBlock,
  encodeLightBlock,
  type LightBlock,
  lightHeaderHash,
  merkleRoot,
  trustedGenesis,
  trustPath,
  validatorSetHash,
} from '@icn/protocol/light'
import { startKvstoreNetwork } from '../../packages/testkit/src/kvstore-network.ts'

/** Node and new power, each ten blocks after the one before. Nodes 4 to 6 begin without power. */
const CHANGES = [
  [4, 1],
  [0, 3],
  [5, 2],
  [1, 0],
  [6, 4],
  [2, 0],
  [3, 0],
  [0, 0],
] as const

const network = await startKvstoreNetwork({ validators: 4, others: 3, commitMs: 50 })
try {
  await network.reach(10)
  for (const [node, power] of CHANGES) {
    await network.setPower(node, power)
    await network.reach((await network.height()) + 10)
    // From now on its signature is absent, and it still has power for a while.
    if (node === 5) await network.nodes[1]?.stop()
  }
  const to = await network.height()
  const source = createLightBlockSource({ url: network.nodes[0]?.rpcUrl ?? '' })
  const heights = Array.from({ length: to }, (_, index) => index + 1)
  const chain: LightBlock[] = []
  for (const height of heights) chain.push(decodeLightBlock((await source(height)) ?? new Uint8Array()))
  compareAll(chain)
  const genesis = genesisOf(chain)
  // What the search for a path asks for, both sides of every change, and a block with an absent validator.
  const kept = new Set([1, 2])
  const recorded = (height: number) => {
    kept.add(height)
    return Promise.resolve(encodeLightBlock(chain[height - 1] as LightBlock))
  }
  const path = await trustPath(recorded, trustedGenesis(genesis), to)
  if (!path.ok) throw new Error(`no path: ${path.failure}`)
  for (const { header } of chain) {
    const { height, validatorsHash, nextValidatorsHash } = header
    if (!equalBytes(validatorsHash, nextValidatorsHash)) kept.add(height).add(height + 1)
  }
  const absent = chain.find(({ commit }) => commit.signatures.some(({ flag }) => flag === 'absent'))
  if (absent === undefined) throw new Error('no block lacks a signature')
  kept.add(absent.header.height)
  const blocks = []
  for (const height of [...kept].filter((kept) => kept <= to).sort((a, b) => a - b)) {
    const block = chain[height - 1] as LightBlock
    blocks.push({
      height,
      bytes: toHex(encodeLightBlock(block)),
      headerHash: toHex(block.commit.blockId.hash),
      validatorsHash: toHex(block.header.validatorsHash),
      time: timeText(block.header.timeNs),
      power: block.validators.map(({ power }) => power),
      signed: block.commit.signatures.map(({ flag }) => flag),
    })
  }
  const file = { source: 'CometBFT v0.38.25, kvstore, by record.ts', genesis, path: path.blocks.map(heightOf), blocks }
  writeFileSync(join(import.meta.dirname, 'cometbft.json'), `${JSON.stringify(file, null, 1)}\n`)
  console.log(`${to} blocks compared, ${blocks.length} written, path ${file.path.join(' ')}`)
} finally {
  await network.close()
}

function heightOf({ header }: LightBlock): number {
  return header.height
}

/** What CometBFT computed of every block, against what we do. */
function compareAll(chain: readonly LightBlock[]): void {
  for (const [index, block] of chain.entries()) {
    const { header, commit, validators } = block
    const next = chain[index + 1]
    const failed = checkForm(block, header.chainId) ?? checkCommit(block)
    if (failed !== undefined) throw new Error(`${header.height}: ${failed.failure}: ${failed.detail}`)
    const same =
      equalBytes(lightHeaderHash(header), commit.blockId.hash) &&
      equalBytes(validatorSetHash(validators), header.validatorsHash) &&
      (next === undefined || equalBytes(lightHeaderHash(header), next.header.lastBlockId.hash)) &&
      (next === undefined || equalBytes(header.nextValidatorsHash, next.header.validatorsHash)) &&
      equalBytes(merkleRoot([]), header.evidenceHash)
    if (!same) throw new Error(`${header.height}: other hashes than CometBFT's`)
  }
}

function genesisOf([first]: readonly LightBlock[]) {
  if (first === undefined) throw new Error('no block')
  const validators = first.validators.map(({ publicKey, power }, index) => ({
    name: `node ${index}`,
    publicKey: publicKeyToText(publicKey),
    power,
  }))
  // The first block has the time of the genesis, to the nanosecond; ours counts milliseconds.
  return { chainId: first.header.chainId, timeMs: Number(first.header.timeNs / 1_000_000n), validators }
}

function timeText(timeNs: bigint): string {
  return `${new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, -1)}${String(timeNs % 1_000_000n).padStart(6, '0')}Z`
}
