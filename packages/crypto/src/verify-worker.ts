import { parentPort } from 'node:worker_threads'
import sodium from 'sodium-native'
import { verifyBatch } from './verify-batch.ts'

// libsodium's own rule is the strict rule: see verifyBytes in ed25519-node.ts.
parentPort?.on('message', (buffer: ArrayBuffer) => {
  verifyBatch(buffer, sodium.crypto_sign_verify_detached)
  parentPort?.postMessage(buffer, [buffer])
})
