import { randomBytes } from 'node:crypto'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Whether the system refused with this code, such as `ENOENT`. */
export function isErrorWithCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Writes a file that must not be there yet, whole or not at all, mode 0600. @throws an Error with code `EEXIST` */
export async function writeNewFile(path: string, text: string): Promise<void> {
  // A link, unlike a rename, fails where the name is taken.
  await writeThen(path, text, (written) => link(written, path))
}

/** Writes a file in place of the one that may be there: at every moment there is the old one or the new one. */
export async function writeOverFile(path: string, text: string): Promise<void> {
  await writeThen(path, text, (written) => rename(written, path))
}

async function writeThen(path: string, text: string, publish: (written: string) => Promise<void>): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const written = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeSynced(written, text)
    await publish(written)
  } finally {
    await rm(written, { force: true })
  }
  await syncFolder(folder)
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the name itself last. Windows cannot open a folder, and does not need to. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
