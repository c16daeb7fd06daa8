import type { Charter, Permission } from '@icn/protocol'
import type { State } from '../../kernel/index.ts'
import { members, organizations, type VoiceSpan } from './tables.ts'

export interface Organization {
  readonly did: string
  readonly name: string
  readonly kind: string
  readonly charter: Charter
  readonly charterVersion: number
  readonly founder: string
  readonly founderRules: boolean
  readonly foundedHeight: number
  readonly foundedTimeMs: number
}

export interface Member {
  readonly org: string
  readonly did: string
  readonly name: string
  readonly status: string
  readonly roles: readonly string[]
  readonly joinedTimeMs: number
  readonly voiceTimeMs: number
  readonly voice: readonly VoiceSpan[]
  readonly endedTimeMs: number | null
}

export function getOrganization(state: State, org: string): Organization | undefined {
  return state.open(organizations).get({ did: org })
}

/** The row of whoever is or was a member. */
export function getMember(state: State, org: string, did: string): Member | undefined {
  return state.open(members).get({ org, did })
}

export function isActive(member: Member | undefined): member is Member & { readonly status: 'active' } {
  return member?.status === 'active'
}

/** Whether an active member's roles permit something; the founder may do everything until the first decision. */
export function hasPermission(
  { charter, founder, founderRules }: Organization,
  member: Member,
  permission: Permission,
): boolean {
  if (founderRules && member.did === founder) return true
  return charter.roles.some(({ name, permissions }) => member.roles.includes(name) && permissions.includes(permission))
}

export function knowsRole({ charter }: Organization, role: string): boolean {
  return charter.roles.some(({ name }) => name === role)
}
