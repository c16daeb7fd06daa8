/**
 * Builds the pinned CometBFT with Go into `.cache/cometbft/`, which git ignores. One that is there already and says the right
 * version is kept.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { builtBinary, COMETBFT_VERSION, cometBftBinary } from '@icn/consensus/cometbft'

const SOURCE = `github.com/cometbft/cometbft/cmd/cometbft@v${COMETBFT_VERSION}`

export type Setup = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly reason: string }

/** @param quiet - whether what Go says is kept back unless it fails */
export function setUpCometBft({ quiet }: { readonly quiet: boolean }): Setup {
  const present = find()
  if (present.ok) return present
  // What somebody names is theirs: it is checked, and never built over.
  if (process.env.ICN_COMETBFT !== undefined && process.env.ICN_COMETBFT !== '') return present
  if (spawnSync('go', ['version']).status !== 0) {
    const hint = 'install Go 1.22 or newer (https://go.dev/doc/install), or name a binary in ICN_COMETBFT'
    return {
      ok: false,
      reason: `CometBFT ${COMETBFT_VERSION} is built with Go, and there is no go on the PATH: ${hint}`,
    }
  }
  const folder = dirname(builtBinary)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // GOFLAGS of the user, such as -mod=vendor, do not fit a build outside a module.
  const env = { ...process.env, CGO_ENABLED: '0', GOBIN: folder, GOFLAGS: '-trimpath' }
  const { status, stderr } = spawnSync('go', ['install', SOURCE], {
    env,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    encoding: 'utf8',
  })
  if (status !== 0) return { ok: false, reason: `go install ${SOURCE} failed${quiet ? `:\n${stderr}` : ''}` }
  return find()
}

function find(): Setup {
  try {
    return { ok: true, path: cometBftBinary() }
  } catch (error) {
    return { ok: false, reason: (error as Error).message }
  }
}

if (import.meta.main) {
  const setup = setUpCometBft({ quiet: false })
  if (setup.ok) console.log(`CometBFT ${COMETBFT_VERSION} at ${setup.path}`)
  else {
    console.error(setup.reason)
    process.exit(1)
  }
}
