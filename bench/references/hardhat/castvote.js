/** Signed `castVote` transactions on a Hardhat network in this process: no disk, no consensus. Prints one JSON line. */
const fs = require('node:fs')
const path = require('node:path')
const solc = require('solc')
const { AbiCoder, ContractFactory, getCreateAddress, id, Interface, keccak256, Wallet } = require('ethers')

process.env.HARDHAT_DISABLE_TELEMETRY_PROMPT = 'true'
process.chdir(__dirname)
const { network } = require('hardhat')

const VOTES = Number(process.argv[2] ?? 1_000)
const rpc = (method, ...params) => network.provider.request({ method, params })

function compile() {
  const read = (name) => ({
    contents: fs.readFileSync(name.startsWith('@') ? path.join('node_modules', name) : name, 'utf8'),
  })
  const input = {
    language: 'Solidity',
    sources: { 'Votes.sol': { content: read('Votes.sol').contents } },
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }))
  const errors = (output.errors ?? []).filter((error) => error.severity === 'error')
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join('\n'))
  return output.contracts['Votes.sol']
}

async function main() {
  const { Token, Decisions } = compile()
  const [owner] = await rpc('eth_accounts')
  const send = (to, data) => rpc('eth_sendTransaction', { from: owner, to, data, gas: '0xf00000' })
  const deploy = async (contract, ...args) => {
    const nonce = Number(await rpc('eth_getTransactionCount', owner, 'latest'))
    const { data } = await new ContractFactory(contract.abi, contract.evm.bytecode.object).getDeployTransaction(...args)
    await send(undefined, data)
    return getCreateAddress({ from: owner, nonce })
  }
  const token = await deploy(Token)
  const decisions = await deploy(Decisions, token)
  const tokenAbi = new Interface(Token.abi)
  const abi = new Interface(Decisions.abi)

  const voters = Array.from({ length: VOTES }, (_, i) => new Wallet(id(`voter ${i}`)))
  for (let i = 0; i < VOTES; i += 50) {
    await send(token, tokenAbi.encodeFunctionData('giveOne', [voters.slice(i, i + 50).map((voter) => voter.address)]))
  }
  for (const voter of voters) await rpc('hardhat_setBalance', voter.address, '0x56BC75E2D63100000')
  const propose = [[token], [0], ['0x'], 'Which?']
  await send(decisions, abi.encodeFunctionData('propose', propose))
  const proposal = BigInt(
    keccak256(AbiCoder.defaultAbiCoder().encode(['address[]', 'uint256[]', 'bytes[]', 'bytes32'], [[token], [0], ['0x'], id('Which?')])),
  )
  await rpc('hardhat_mine', '0x3')

  const signed = await Promise.all(
    voters.map((voter) =>
      voter.signTransaction({
        to: decisions,
        data: abi.encodeFunctionData('castVote', [proposal, 1]),
        nonce: 0,
        gasLimit: 500_000,
        maxFeePerGas: 10_000_000_000n,
        maxPriorityFeePerGas: 1_000_000_000n,
        chainId: 31337,
        type: 2,
      }),
    ),
  )
  const startNs = process.hrtime.bigint()
  for (const raw of signed) await rpc('eth_sendRawTransaction', raw)
  const seconds = Number(process.hrtime.bigint() - startNs) / 1e9

  const result = await rpc('eth_call', { to: decisions, data: abi.encodeFunctionData('proposalVotes', [proposal]) }, 'latest')
  const [, yes] = abi.decodeFunctionResult('proposalVotes', result)
  if (Number(yes) !== VOTES) throw new Error(`expected ${VOTES} votes, counted ${yes}`)
  console.log(JSON.stringify({ votes: VOTES, perSecond: Math.round(VOTES / seconds) }))
}


main().then(
  () => process.exit(0),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
