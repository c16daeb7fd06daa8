import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NodeProcess, startProcess } from '../../node/test/node-process.ts'

const ICN = new URL('../bin/icn.js', import.meta.url).pathname

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A node with a clock that can be put forward, a wallet, and the command over both. */
export interface Workshop {
  readonly folder: string
  readonly node: NodeProcess
  icn(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended>
  /** Runs a command that must be done, and answers its one JSON document. */
  done(...args: string[]): Promise<Record<string, never>>
  /** Runs a command that must not be done; proves that the state is as before. Answers exit code and name of the error. */
  refused(...args: string[]): Promise<[code: number, name: string]>
  advance(ms: number): Promise<void>
  close(): Promise<void>
}

/** The command over one wallet; nobody is named, and no passphrase, but by arguments. */
export function commandOver(wallet: string, url: string): Pick<Workshop, 'icn' | 'done'> {
  const { ICN_PASSPHRASE_FILE: _, ICN_AS: __, ...inherited } = process.env

  function icn(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const env = { ...inherited, ICN_NODE: url, ICN_WALLET: wallet, ...environment }
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [ICN, ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
      })
      child.stdin?.end()
    })
  }

  async function done(...args: string[]): Promise<Record<string, never>> {
    const { code, stdout, stderr } = await icn([...args, '--json'])
    assert.equal(code, 0, `icn ${args.join(' ')}: ${stdout}${stderr}`)
    assert.equal(stderr, '')
    return JSON.parse(stdout)
  }

  return { icn, done }
}

export async function openWorkshop(): Promise<Workshop> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-cli-'))
  const node = await startProcess(join(folder, 'node'), ['--dev-clock'])
  const { icn, done } = commandOver(join(folder, 'wallet'), node.url)

  async function refused(...args: string[]): Promise<[number, string]> {
    const before = await root()
    const { code, stdout, stderr } = await icn([...args, '--json'])
    assert.equal(stderr, '')
    const { error } = JSON.parse(stdout)
    assert.deepEqual(Object.keys(error), ['code', 'name', 'message', 'hint'])
    assert.equal(await root(), before, 'the root has changed')
    return [code, error.name]
  }

  const root = async () => ((await (await fetch(`${node.url}/v1/network`)).json()) as { appHash: string }).appHash

  async function advance(ms: number): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ advanceMs: ms })
    const response = await fetch(`${node.url}/v1/dev/clock`, { method: 'POST', body, headers })
    assert.equal(response.status, 200)
    await response.body?.cancel()
  }

  async function close(): Promise<void> {
    await node.end('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }

  // The first block of a network comes by itself: after this one, only what a test does changes the root.
  await advance(1)
  return { folder, node, icn, done, refused, advance, close }
}
