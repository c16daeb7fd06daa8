import { type Action, ExecutionFailure } from '@icn/protocol'
import { type BlockContext, FIRST_RULES, type State } from '../../kernel/index.ts'
import type { ActionResult } from '../membership/index.ts'
import { upgrades } from './tables.ts'

/** Blocks that operators have at least from the decision to the upgrade. */
const LEAST_BLOCKS = 10
/** Rows of the table: the upgrade that was decided on last, and the one whose rules hold until that one is due. */
const LATEST = 'all'
const BEFORE = 'before'

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
  return state.open(upgrades).get({ id: LATEST })
}

/** The upgrade that brought the rules by which a block is made; `undefined`: the first rules are still in force. */
export function upgradeInForce(state: State, height: number): PlannedUpgrade | undefined {
  const latest = plannedUpgrade(state)
  return latest !== undefined && latest.height > height ? state.open(upgrades).get({ id: BEFORE }) : latest
}

/** Plans an upgrade by decision; one that is not due yet is replaced. */
export function planUpgrade(
  state: State,
  block: BlockContext,
  org: string,
  proposal: string,
  { version, name, height }: Extract<Action, { do: 'upgrade' }>,
): ActionResult {
  const latest = plannedUpgrade(state)
  const inForce = upgradeInForce(state, block.height + 1)
  if (height < block.height + LEAST_BLOCKS || version <= (inForce?.version ?? FIRST_RULES)) return IMPOSSIBLE
  // It counts until the new one does.
  if (latest !== undefined && isDue(latest, block)) state.open(upgrades).put({ ...latest, id: BEFORE })
  state.open(upgrades).put({ id: LATEST, version, name, height, proposal })
  return {
    ok: true,
    events: [{ topic: 'network.upgrade-planned', org, subject: proposal, data: { version, name, height } }],
  }
}

/** Calls off what is planned, by decision, before the nodes stop for it. */
export function cancelUpgrade(state: State, block: BlockContext, org: string, proposal: string): ActionResult {
  const rows = state.open(upgrades)
  const latest = plannedUpgrade(state)
  if (latest === undefined || isDue(latest, block)) return IMPOSSIBLE
  const inForce = rows.get({ id: BEFORE })
  if (inForce === undefined) rows.delete({ id: LATEST })
  else {
    rows.put({ ...inForce, id: LATEST })
    rows.delete({ id: BEFORE })
  }
  const { version, name, height } = latest
  return {
    ok: true,
    events: [{ topic: 'network.upgrade-cancelled', org, subject: proposal, data: { version, name, height } }],
  }
}

/** After this block older nodes stop for it: nothing calls it off any more. */
function isDue({ height }: PlannedUpgrade, block: BlockContext): boolean {
  return height <= block.height + 1
}

const IMPOSSIBLE: ActionResult = { ok: false, failure: ExecutionFailure.UPGRADE_NOT_POSSIBLE }
