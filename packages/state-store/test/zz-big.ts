import { readFileSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { createMachine } from '@icn/state-machine'
import { genesisHash } from '@icn/protocol'
import { openSqliteStore, createSnapshots } from '../src/index.ts'
const genesis = JSON.parse(readFileSync('/tmp/ss/big/genesis.json','utf8'))
const modules = createMachine({genesis}).modules
const network = genesisHash(genesis)
let t=performance.now()
const lap=(w:string)=>{console.log(w, Math.round(performance.now()-t),'ms rss', Math.round(process.memoryUsage().rss/1e6)); t=performance.now()}
const store = openSqliteStore({file:'/tmp/ss/big/state.db', modules, writer:'thread'})
lap('open')
const s = createSnapshots({store, stateFile:'/tmp/ss/big/state.db', folder:'/tmp/ss/big/snapshots', network, onFailure: e=>{throw e}})
const info = process.argv[2]==='skip' ? (await s.list())[0] : await s.make()
lap('make'); console.log(info?.height, info?.chunks, info?.metadata.length)
rmSync('/tmp/ss/new',{recursive:true,force:true}); mkdirSync('/tmp/ss/new')
const other = openSqliteStore({file:'/tmp/ss/new/state.db', modules, writer:'thread'})
const r = createSnapshots({store:other, stateFile:'/tmp/ss/new/state.db', folder:'/tmp/ss/new/snapshots', network, onFailure: e=>{throw e}})
console.log(await r.offer(info!, store.committed().appHash))
let peak=0; const iv=setInterval(()=>{peak=Math.max(peak,process.memoryUsage().rss)},100)
for(let i=0;i<info!.chunks;i++){ const v=await r.apply(i,(await s.load(info!.height,1,i))!,'p'); if(v.result!=='accept') throw new Error(JSON.stringify(v)); if(i===info!.chunks-2) lap('chunks') }
lap('finish'); console.log('peak', Math.round(peak/1e6)); clearInterval(iv)
console.log(other.committed().height, other.keptFrom(), Buffer.from(other.committed().appHash).equals(store.committed().appHash), statSync('/tmp/ss/new/state.db').size)
await r.close(); await s.close(); await store.close(); await other.close()
lap('close')
