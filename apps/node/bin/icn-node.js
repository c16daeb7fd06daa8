#!/usr/bin/env node
import { launch } from './launch.js'

await launch(new URL('../src/main.ts', import.meta.url), { runsLong: process.argv[2] === 'start' })
