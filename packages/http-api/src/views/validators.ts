import { isSilent, type NodeFacts, type ValidatorFacts } from '@icn/state-machine/network'
import type { AnswerOf } from '../contract/index.ts'
import { time, timeOrNull } from './times.ts'

/** @param nowMs - time of the block that is read */
export function nodeView(facts: NodeFacts, nowMs: number): AnswerOf<'node'> {
  const { id, org, publicKey, moniker, roles, http, p2p, region, capacityBytes, freeBytes, version, height } = facts
  const status = (isSilent(facts, nowMs) ? 'silent' : facts.status) as AnswerOf<'node'>['status']
  return {
    ...{ id, org, publicKey, moniker, roles: [...roles], http: [...http], p2p: [...p2p], region },
    ...{ capacityBytes, freeBytes, version, status },
    until: timeOrNull(facts.untilMs),
    registered: time(facts.registeredTimeMs),
    heartbeat: facts.heartbeatMs === 0 ? null : time(facts.heartbeatMs),
    height,
  }
}

export function validatorView({ jailedUntilMs, status, sanction, ...facts }: ValidatorFacts): AnswerOf<'validator'> {
  return {
    ...facts,
    status: status as AnswerOf<'validator'>['status'],
    jailedUntil: timeOrNull(jailedUntilMs),
    sanction: sanction === null ? null : { ...sanction },
  }
}
