import { publicKeyFromSeed, sha256 } from '@icn/crypto'
import {
  type Action,
  type Ballot,
  type Body,
  defaultParams,
  didFromPublicKey,
  type Genesis,
  identityDid,
  METHODS,
  type Method,
  organizationDid,
  proveInvitation,
  publicKeyToText,
  signTransaction,
  validatorAddress,
} from '@icn/protocol'
import { endOfBlock } from '@icn/state-machine'
import { assignId, FIRST_RULES } from '@icn/state-machine/kernel'
import type { Random } from './random.ts'

/** A person of the simulated network: a key, and the sequence that the person believes to be the next. */
export interface SimulatedPerson {
  readonly seed: Uint8Array
  readonly publicKey: string
  did: string
  keyId: string
  sequence: number
}

/** What came of a transaction, as the simulator needs to know it in order to go on. */
export interface SimulatedOutcome {
  readonly code: number
  readonly result: Readonly<Record<string, string | number>>
}

/** Plays a network of people who found, join, propose, vote, rotate keys and make mistakes. */
export interface Simulator {
  readonly genesis: Genesis
  /** Secret of the one validator. */
  readonly validatorSeed: Uint8Array
  /** Signed transactions of the next block; some of them are meant to be refused. */
  nextBlock(height: number, timeMs: number): Uint8Array[]
  /** What came of them, in the same order. */
  learn(outcomes: readonly SimulatedOutcome[]): void
}

export const SIMULATED_START_MS = Date.UTC(2026, 0, 1)
const CHAIN_ID = 'icn-simulated'
const HOUR_MS = 3_600_000

interface Sent {
  readonly person: SimulatedPerson
  readonly body: Body
}

export interface SimulatorOptions {
  readonly people: number
  /** Transactions in a block, at most, without heartbeats. */
  readonly size: number
  /** Default 1: a network that solo runs. More come with a federation of the first three people. */
  readonly validators?: number
}

export function createSimulator(random: Random, { people: count, size, validators = 1 }: SimulatorOptions): Simulator {
  const validatorSeed = seedOf('validator')
  const validatorSeeds = [validatorSeed, ...Array.from({ length: validators - 1 }, (_, i) => seedOf(`validator ${i}`))]
  const genesis: Genesis = {
    chainId: CHAIN_ID,
    name: 'Simulated',
    timeMs: SIMULATED_START_MS,
    validators: validatorSeeds.map((seed, index) => ({
      name: `simulated ${index}`,
      publicKey: publicKeyToText(publicKeyFromSeed(seed)),
      power: 1,
    })),
    params: defaultParams,
    ...(validators > 1 && {
      federation: {
        name: 'Federation',
        members: [0, 1, 2].map((index) => ({ did: personOf(`person ${index}`).did, name: `Delegate ${index}` })),
      },
    }),
  }
  const people = Array.from({ length: count }, (_, index) => personOf(`person ${index}`))
  const delegates = people.slice(0, 3)
  /** Keys of nodes: of some validators, and of others. */
  const nodeKeys = [...validatorSeeds.slice(0, 2), ...[0, 1, 2, 3].map((index) => seedOf(`node ${index}`))].map(
    personOfSeed,
  )
  const nodes: { id: string; publicKey: string }[] = []
  const orgs: string[] = []
  let federation = ''
  let height = 0
  let timeMs = 0
  const proposals: { id: string; method: Method; options: number }[] = []
  const invitations: { id: string; org: string; secret: Uint8Array }[] = []
  let sent: Sent[] = []
  let nonce = 0

  function nextBlock(nextHeight: number, nextMs: number): Uint8Array[] {
    sent = []
    height = nextHeight
    timeMs = nextMs
    const signers = random.shuffle(people).slice(0, 1 + random.below(size))
    return [...signers, ...beating()].map((person) => {
      const body = nodeKeys.includes(person) ? beat(person) : nextBody(person, timeMs)
      sent.push({ person, body })
      const { did: signer, keyId, seed } = person
      const sequence = random.chance(0.03) ? person.sequence + 1 : person.sequence
      return signTransaction({ chainId: CHAIN_ID, signer, keyId, sequence, expiryHeight: height + 10, body }, seed)
    })
  }

  /** Nodes that say that they are there. */
  function beating(): SimulatedPerson[] {
    if (!random.chance(0.5)) return []
    return nodeKeys
      .filter(({ publicKey }) => nodes.some((node) => node.publicKey === publicKey))
      .slice(0, 1 + random.below(3))
  }

  function beat({ publicKey }: SimulatedPerson): Body {
    const { id: node } = random.pick(nodes.filter((known) => known.publicKey === publicKey))
    return { kind: 'node.heartbeat', node, height: random.below(height + 1), version: '1.0.0', freeBytes: 7 }
  }

  function onNode(): Body {
    const { id: node } = random.pick(nodes)
    return random.pick<Body>([
      { kind: 'node.drain', node },
      { kind: 'node.resume', node },
      { kind: 'node.maintenance', node, untilTimeMs: timeMs + HOUR_MS },
      { kind: 'node.update', node, ...aboutNode('renamed') },
      { kind: 'node.retire', node },
    ])
  }

  function aboutNode(moniker: string) {
    return { moniker, roles: ['observer' as const], http: [], p2p: [], region: '', capacityBytes: random.below(1_000) }
  }

  function nextBody(person: SimulatedPerson, timeMs: number): Body {
    if (federation !== '' && delegates.includes(person) && random.chance(0.2)) return propose(timeMs, federation)
    if (orgs.length === 0 || random.chance(0.03)) return found(person)
    const choices: (() => Body)[] = [
      () => apply(person),
      () => apply(person),
      () => propose(timeMs),
      () => ({ kind: 'member.admit', org: random.pick(orgs), member: random.pick(people).did }),
      () => invite(timeMs),
      () => ({ kind: 'role.grant', org: random.pick(orgs), member: random.pick(people).did, role: 'mediator' }),
      () => ({ kind: 'role.revoke', org: random.pick(orgs), member: random.pick(people).did, role: 'mediator' }),
    ]
    if (random.chance(0.1)) {
      const { publicKey } = random.pick(nodeKeys)
      choices.push(() => ({
        kind: 'node.register',
        org: random.pick(orgs),
        publicKey,
        ...aboutNode('node'),
        version: '1',
      }))
    }
    if (nodes.length > 0 && random.chance(0.1)) choices.push(onNode)
    if (random.chance(0.03)) choices.push(() => onValidator())
    if (random.chance(0.15)) choices.push(() => ({ kind: 'member.leave', org: random.pick(orgs) }))
    if (random.chance(0.1)) choices.push(() => rotate(person))
    if (random.chance(0.2)) choices.push(() => ({ kind: 'member.appeal', org: random.pick(orgs), statement: 'please' }))
    if (proposals.length > 0) for (let i = 0; i < 12; i++) choices.push(() => onProposal())
    return random.pick(choices)()
  }

  function found(person: SimulatedPerson): Body {
    const membershipAgeMinMs = random.chance(0.3) ? HOUR_MS : 0
    const sponsors = random.below(3)
    const timeLockMs = random.chance(0.3) ? HOUR_MS : 0
    const charter = {
      votingMs: HOUR_MS * (1 + random.below(48)),
      sponsors,
      membershipAgeMinMs,
      timeLockMs,
      openProposalsPerMember: 20,
    }
    return {
      kind: 'org.found',
      name: `Org of ${person.publicKey.slice(-6)}`,
      orgKind: 'cooperative',
      founderName: 'Founder',
      charter,
    }
  }

  function apply(person: SimulatedPerson): Body {
    const invitation = invitations.length > 0 && random.chance(0.7) ? random.pick(invitations) : undefined
    const words = { kind: 'member.apply', name: person.publicKey.slice(-6), statement: 'I bake' } as const
    if (invitation === undefined) return { ...words, org: random.pick(orgs), invitation: null }
    const { id, org, secret } = invitation
    const holder = random.chance(0.05) ? 'did:key:somebody-else' : person.did
    return { ...words, org, invitation: { id, proof: proveInvitation(CHAIN_ID, id, holder, secret) } }
  }

  function invite(timeMs: number): Body {
    const org = random.pick(orgs)
    const secret = seedOf(`invitation ${nonce++}`)
    pendingSecrets.set(publicKeyToText(publicKeyFromSeed(secret)), { org, secret })
    const invitationKey = publicKeyToText(publicKeyFromSeed(secret))
    return {
      kind: 'member.invite',
      org,
      invitationKey,
      uses: 1 + random.below(5),
      expiresTimeMs: timeMs + HOUR_MS * 24,
      roles: [],
    }
  }
  const pendingSecrets = new Map<string, { org: string; secret: Uint8Array }>()

  function onValidator(): Body {
    const validator = validatorAddress(random.pick(nodeKeys).publicKey)
    return random.pick<Body>([
      { kind: 'validator.unjail', validator },
      { kind: 'validator.appeal', validator, statement: 'please' },
    ])
  }

  /** What the federation may do to the network. */
  function networkActions(): Action[] {
    const validator = validatorAddress(random.pick(nodeKeys).publicKey)
    return [
      random.pick<Action>([
        ...nodes.map(({ id: node }) => ({ do: 'admit-validator', node, power: 1 }) as const),
        { do: 'remove-validator', validator, reason: 'gone' },
        { do: 'network-param', change: { memberAllowance: { burst: 900, perHour: 500 } } },
        { do: 'upgrade', version: 2, name: 'Oak', height: height + 1_000 },
        { do: 'cancel-upgrade' },
      ]),
    ]
  }

  function propose(timeMs: number, org = random.pick(orgs)): Body {
    const method = random.pick(METHODS)
    const isBudget = method === 'equal-shares' || method === 'greedy'
    const isWord = method === 'yes-no' || method === 'consent'
    const options = isWord
      ? []
      : Array.from({ length: 2 + random.below(4) }, (_, index) => ({
          label: `Option ${index}`,
          actions: [],
          costMinor: isBudget ? 100 + random.below(900) : 0,
        }))
    const type = isBudget ? 'budget' : isWord ? random.pick(['standard', 'bylaw', 'constitution'] as const) : 'standard'
    const words = { title: `Proposal ${timeMs % 1000}`, text: 'Because', type } as const
    const settings = {
      seats: method === 'stv' ? 2 : 1,
      maxScore: method === 'score' ? 5 : 0,
      budgetMinor: isBudget ? 1_000 : 0,
    }
    const isOfNetwork = type === 'bylaw' && (org === federation || random.chance(0.1))
    const actions = !isWord ? [] : isOfNetwork ? networkActions() : actionsFor(type)
    const discussionMs = random.chance(0.3) ? HOUR_MS : null
    return {
      kind: 'proposal.new',
      org,
      method,
      options,
      actions,
      ...words,
      ...settings,
      discussionMs,
      votingMs: org === federation ? HOUR_MS : null,
      amends: null,
    }
  }

  function actionsFor(type: string): Action[] {
    const member = random.pick(people).did
    const standard: Action[] = [
      { do: 'standard', text: 'So be it' },
      { do: 'admit', member },
      { do: 'grant-role', member, role: 'treasurer' },
    ]
    if (type === 'standard') return [random.pick(standard)]
    const edits = [{ line: 0, remove: [], insert: ['We share the oven'] }]
    if (type === 'bylaw') {
      return [
        random.pick<Action>([
          { do: 'expel', member, reason: 'took the oven' },
          { do: 'bylaw', bylaw: 'oven', title: 'Oven', baseVersion: random.below(2), edits },
        ]),
      ]
    }
    return [{ do: 'charter', change: { quorum: { num: 1 + random.below(50), den: 100 } } }]
  }

  function onProposal(): Body {
    const { id, method, options } = random.pick(proposals)
    if (random.chance(0.7)) return { kind: 'vote.cast', proposal: id, ballot: ballotFor(method, options), reason: '' }
    return random.pick<Body>([
      { kind: 'proposal.sponsor', proposal: id },
      { kind: 'proposal.open', proposal: id },
      { kind: 'proposal.discuss', proposal: id, text: 'I agree', inReplyTo: null },
      { kind: 'proposal.withdraw', proposal: id },
    ])
  }

  function ballotFor(method: Method, options: number): Ballot {
    if (random.chance(0.03)) return options + 3
    const all = random.shuffle(Array.from({ length: options }, (_, index) => index))
    const some = all.slice(0, random.below(options + 1))
    switch (method) {
      case 'yes-no':
        return random.pick(['yes', 'yes', 'yes', 'no', 'abstain'])
      case 'consent':
        return random.pick(['consent', 'consent', 'consent', 'stand-aside', 'object', 'abstain'])
      case 'plurality':
        return random.below(options)
      case 'score':
        return some.map((option) => [option, random.below(6)])
      case 'approval':
      case 'equal-shares':
      case 'greedy':
        return some.sort((a, b) => a - b)
      default:
        return some.map((option) => [option])
    }
  }

  /** Moves the person to a did:icn of their own, once. */
  function rotate(person: SimulatedPerson): Body {
    if (person.did.startsWith('did:icn')) {
      return {
        kind: 'identity.services',
        services: [{ id: 'web', type: 'LinkedDomains', endpoint: 'https://coop.example' }],
      }
    }
    const keys = [{ id: 'k1', publicKey: person.publicKey }]
    const body = { kind: 'identity.register', keys, services: [] } as const
    Object.assign(person, { did: identityDid(CHAIN_ID, body as never), keyId: 'k1', sequence: 0 })
    return body as unknown as Body
  }

  function learn(outcomes: readonly SimulatedOutcome[]): void {
    if (height === 1 && genesis.federation !== undefined) {
      const accepted = outcomes.filter(({ code }) => code === 0).length
      federation = organizationDid(
        CHAIN_ID,
        assignId('o', endOfBlock(CHAIN_ID, { height, timeMs }, accepted, FIRST_RULES)),
      )
    }
    for (const [index, { code, result }] of outcomes.entries()) {
      const { person, body } = sent[index] as Sent
      if (code !== 0) continue
      person.sequence++
      if (body.kind === 'org.found') orgs.push(String(result.org))
      if (body.kind === 'proposal.new')
        proposals.push({ id: String(result.proposal), method: body.method, options: body.options.length })
      if (body.kind === 'node.register') nodes.push({ id: String(result.node), publicKey: body.publicKey })
      if (body.kind === 'member.invite') {
        const known = pendingSecrets.get(body.invitationKey)
        if (known !== undefined) invitations.push({ id: String(result.invitation), ...known })
      }
    }
  }

  return { genesis, validatorSeed, nextBlock, learn }
}

function seedOf(name: string): Uint8Array {
  return sha256(new TextEncoder().encode(`icn simulator ${name}`))
}

function personOf(name: string): SimulatedPerson {
  return personOfSeed(seedOf(name))
}

function personOfSeed(seed: Uint8Array): SimulatedPerson {
  const publicKey = publicKeyFromSeed(seed)
  return {
    seed,
    publicKey: publicKeyToText(publicKey),
    did: didFromPublicKey(publicKey),
    keyId: publicKeyToText(publicKey),
    sequence: 0,
  }
}
