import { type Action, ExecutionFailure } from '@icn/protocol'
import type { BlockContext, State } from '../../kernel/index.ts'
import type { ActionResult } from '../membership/index.ts'
import { upgrades } from './tables.ts'

/** Blocks that operators have at least from the decision to the upgrade. */
const LEAST_BLOCKS = 10

/** The version of the rules of which a block is the first. */
export interface PlannedUpgrade {
  readonly version: number
  readonly name: string
  readonly height: number
  readonly proposal: string
}

/** This program's rules are older than those that a block needs. The node stops before it, whole. */
export class UpgradeNeeded extends Error {
  override readonly name = 'UpgradeNeeded'
  readonly code = 'UPGRADE_NEEDED'
  readonly upgrade: PlannedUpgrade

  constructor(upgrade: PlannedUpgrade, version: number) {
    super(
      `block ${upgrade.height} needs version ${upgrade.version} of the rules (${upgrade.name}), and this program has version ${version}; install the newer one and start again`,
    )
    this.upgrade = upgrade
  }
}

/** The latest upgrade that was decided on, whether its height is over or still to come. */
export function plannedUpgrade(state: State): PlannedUpgrade | undefined {
  return state.open(upgrades).get({ id: 'all' })
}

/** Whether rules of a version may execute a block. */
export function mayExecute(version: number, height: number, upgrade: PlannedUpgrade | undefined): boolean {
  return upgrade === undefined || height < upgrade.height || version >= upgrade.version
}

/** Plans an upgrade by decision; one that is not due yet is replaced. */
export function planUpgrade(
  state: State,
  block: BlockContext,
  org: string,
  proposal: string,
  { version, name, height }: Extract<Action, { do: 'upgrade' }>,
): ActionResult {
  const before = plannedUpgrade(state)
  const isPast = before !== undefined && before.height <= block.height
  if (height < block.height + LEAST_BLOCKS || (isPast && version <= before.version)) return IMPOSSIBLE
  state.open(upgrades).put({ id: 'all', version, name, height, proposal })
  return {
    ok: true,
    events: [{ topic: 'network.upgrade-planned', org, subject: proposal, data: { version, name, height } }],
  }
}

/** Calls off what is planned, by decision, before the nodes stop for it. */
export function cancelUpgrade(state: State, block: BlockContext, org: string, proposal: string): ActionResult {
  const before = plannedUpgrade(state)
  if (before === undefined || before.height <= block.height + 1) return IMPOSSIBLE
  state.open(upgrades).delete({ id: 'all' })
  const { version, name, height } = before
  return {
    ok: true,
    events: [{ topic: 'network.upgrade-cancelled', org, subject: proposal, data: { version, name, height } }],
  }
}

const IMPOSSIBLE: ActionResult = { ok: false, failure: ExecutionFailure.UPGRADE_NOT_POSSIBLE }
