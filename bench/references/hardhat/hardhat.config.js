module.exports = {
  solidity: '0.8.28',
  networks: { hardhat: { accounts: { count: 1, accountsBalance: '1000000000000000000000000000' }, blockGasLimit: 900_000_000 } },
}
