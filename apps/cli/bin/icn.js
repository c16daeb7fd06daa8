#!/usr/bin/env node
import { launch } from '@icn/node/launch'

await launch(new URL('../src/main.ts', import.meta.url))
