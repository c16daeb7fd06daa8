import { createApplication as createReal } from '@icn/consensus'
import { readCrash } from './crash-point.ts'

/** The application of `@icn/consensus` with steps at which its process dies; what the node is given by crash-points.ts. */
export function createApplication(options: Parameters<typeof createReal>[0]): ReturnType<typeof createReal> {
  const real = createReal(options)
  const reach = readCrash(process.env)
  return {
    ...real,
    prepareProposal: async (request) => {
      reach('prepare-proposal')
      return real.prepareProposal(request)
    },
    processProposal: async (request) => {
      reach('process-proposal')
      return real.processProposal(request)
    },
    finalizeBlock: async (request) => {
      reach('before-finalize')
      const final = await real.finalizeBlock(request)
      reach('after-finalize')
      return final
    },
    commit: async (signed) => {
      reach('before-commit')
      const written = real.commit(signed)
      // The block is with the thread that writes it: anything between nothing and all of it is on the disk.
      reach('commit-under-way')
      const block = await written
      reach('after-commit')
      return block
    },
  }
}
