import { createRpc, RpcError } from '@icn/consensus/cometbft'
import type { LightRpc } from '@icn/http-api'

/** The RPC of CometBFT itself stays on loopback, since it takes transactions from anybody; reading is handed on. */
export function createLightRpc(url: string): { readonly call: LightRpc; close(): void } {
  const rpc = createRpc(url)
  const call: LightRpc = async (method, params) => {
    try {
      const [answer] = await rpc.callAll([{ method, params }])
      return answer ?? { ok: false, error: 'no answer' }
    } catch (error) {
      if (error instanceof RpcError) return { ok: false, error: error.message }
      throw error
    }
  }
  return { call, close: rpc.close }
}
