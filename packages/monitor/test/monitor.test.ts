import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Alert } from '../src/index.ts'
import { withNode } from './given-node.ts'

test('a solo node: one signer, no rounds, roots by module, and memory and disk of this machine', () =>
  withNode(async ({ solo, clock, watch }) => {
    const { monitor } = await watch()
    await solo.advance(clock, 10_000)
    await solo.advance(clock, 30_000)
    const status = await monitor.status()
    assert.deepEqual([status.engine, status.height, status.participation], ['solo', solo.status().height, 1])
    assert.deepEqual(status.round, { present: 0, late: 0, known: 0 })
    assert.equal(status.intervals.blocks, status.height)
    const [validator] = status.validators
    assert.deepEqual(
      [validator?.isThisNode, validator?.isSigning, validator?.missed, validator?.proposerShare],
      [true, true, 0, 1],
    )
    assert.deepEqual(Object.keys(status.roots.modules).sort(), ['governance', 'identity', 'membership'])
    assert.equal(status.roots.appHash, Buffer.from(solo.status().appHash).toString('hex'))
    assert.deepEqual([status.peers, status.unreachable, status.engineMetrics], [[], [], null])
    const { memory, disk } = status.machine
    assert.ok(memory !== null && memory.processBytes > 0 && memory.usedBytes <= memory.totalBytes)
    assert.ok(disk !== null && disk.freeBytes > 0 && disk.freeBytes <= disk.totalBytes)
    assert.deepEqual(status.versions, [{ version: 'icn 0.1.0', nodes: 1 }])
  }))

test('the roots by module are known at the start already, from the last header', () =>
  withNode(async ({ solo, clock, watch }) => {
    await solo.advance(clock, 10_000)
    const { monitor } = await watch()
    assert.equal(Object.keys(monitor.last().roots.modules).length, 3)
    assert.deepEqual(
      [monitor.last().height, monitor.last().intervals.blocks],
      [solo.status().height, solo.status().height],
    )
  }))

test('samples come by the timer, are kept, and no block for too long is an alert until one comes', () =>
  withNode(async ({ solo, clock, watch }) => {
    const { monitor, fire } = await watch()
    await solo.advance(clock, 1_000)
    const heard: [rule: string, isOver: boolean][] = []
    monitor.onSample((_, changed) =>
      heard.push(...changed.map(({ rule, endMs }) => [rule, endMs !== null] as [string, boolean])),
    )
    const sampled = () =>
      new Promise<void>((resolve) => {
        const leave = monitor.onSample(() => {
          leave()
          resolve()
        })
        fire()
      })
    clock.putForward(600_000)
    await sampled()
    assert.deepEqual(monitor.open(), [])
    clock.putForward(61_000)
    await sampled()
    assert.deepEqual(
      monitor.open().map(({ rule, value }) => [rule, value]),
      [['no-block', 661]],
    )
    assert.equal(monitor.alerts(true, 10).length, 1)
    await solo.advance(clock, 0)
    await solo.advance(clock, 1)
    await sampled()
    assert.deepEqual(heard, [
      ['no-block', false],
      ['no-block', true],
    ])
    assert.deepEqual([monitor.open(), monitor.alerts(true, 10)], [[], []])
    const points = monitor.history('10s', 0, clock.now() + 1)
    assert.equal(points.length, 3)
    assert.deepEqual(
      points.map(({ blocks }) => blocks).reduce((sum, own) => sum + own),
      solo.status().height,
    )
  }))

test('an alert outlives a restart of the monitor, with its beginning', () =>
  withNode(async ({ solo, clock, watch }) => {
    await solo.advance(clock, 1)
    const { monitor } = await watch({ idleMs: 5_000 })
    clock.putForward(61_000)
    await monitor.sample()
    const [before] = monitor.open()
    await monitor.close()
    clock.putForward(1_000)
    const next = await watch({ idleMs: 5_000 })
    assert.deepEqual(
      next.monitor.open().map(({ id, startMs }) => [id, startMs]),
      [[before?.id, before?.startMs]],
    )
    clock.putForward(61_000)
    await next.monitor.sample()
    assert.deepEqual(
      next.monitor.alerts(undefined, 10).map(({ id, endMs }) => [id, endMs]),
      [[before?.id, null]],
    )
    await solo.advance(clock, 1)
    await next.monitor.sample()
    assert.deepEqual(
      next.monitor.alerts(undefined, 10).map(({ id, endMs }) => [id, endMs]),
      [[before?.id, clock.now()]],
    )
  }))

test('a history that cannot be read is begun anew with a word in the log, and the node goes on', () =>
  withNode(async ({ home, logged, solo, clock, watch }) => {
    writeFileSync(join(home, 'monitor.db'), 'x'.repeat(9_000))
    const { monitor } = await watch()
    assert.equal(logged.length, 1)
    assert.match(logged[0] ?? '', /monitor\.db could not be read/)
    await solo.advance(clock, 1_000)
    assert.equal(monitor.history('10s', 0, clock.now() + 1).length, 1)
  }))

test('another node with another root at the same height is an alert that names it; one that is silent is said', () =>
  withNode(async ({ solo, clock, watch }) => {
    await solo.advance(clock, 1_000)
    await solo.advance(clock, 1_000)
    const { height, appHash } = solo.status()
    const good = Buffer.from(appHash).toString('hex')
    let said = { height, appHash: good, version: '0.2.0' }
    let block = good
    const other = createServer((request, response) => {
      const body = request.url === '/v1/network' ? said : { appHash: block }
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    try {
      const { monitor } = await watch({ nodes: [url, 'http://127.0.0.1:1'] })
      const [first, silent] = monitor.last().nodes
      assert.deepEqual([first?.answers, first?.sameRoot, first?.version], [true, true, '0.2.0'])
      assert.deepEqual([silent?.answers, silent?.sameRoot], [false, null])
      assert.deepEqual(monitor.last().unreachable, ['the node at http://127.0.0.1:1'])
      assert.deepEqual(monitor.last().versions, [
        { version: 'icn 0.1.0', nodes: 1 },
        { version: 'icn 0.2.0', nodes: 1 },
      ])
      // It is ahead: its block at our height is compared, not its present root.
      said = { ...said, height: height + 5, appHash: 'ff'.repeat(32) }
      await monitor.sample()
      assert.deepEqual([monitor.last().nodes[0]?.sameRoot, monitor.open()], [true, []])
      block = 'ee'.repeat(32)
      await monitor.sample()
      const [alert] = monitor.open() as readonly [Alert]
      assert.deepEqual([alert.rule, alert.severity, alert.value], ['root-diverges', 'critical', 1])
      assert.match(alert.reason, new RegExp(url))
    } finally {
      await new Promise((resolve) => {
        other.close(resolve)
        other.closeAllConnections()
      })
    }
  }))

test('refusals are counted by reason from sample to sample', () =>
  withNode(async ({ clock, watch }) => {
    const { monitor } = await watch()
    for (const reason of ['BUSY', 'BAD_SEQUENCE', 'BUSY']) monitor.refused(reason)
    clock.putForward(10_000)
    await monitor.sample()
    assert.deepEqual(monitor.last().since.refused, { BUSY: 2, BAD_SEQUENCE: 1 })
    clock.putForward(10_000)
    await monitor.sample()
    assert.deepEqual(monitor.last().since.refused, {})
  }))

test('CometBFT that does not answer is unknown, not well', () =>
  withNode(async ({ clock, watch }) => {
    const { monitor } = await watch({ comet: { rpcUrl: 'http://127.0.0.1:1', metricsUrl: 'http://127.0.0.1:1' } })
    assert.deepEqual([monitor.last().unreachable, monitor.last().engineMetrics], [['CometBFT'], null])
    clock.putForward(10_000)
    await monitor.sample()
    assert.equal(monitor.last().round.known, 0)
  }))
