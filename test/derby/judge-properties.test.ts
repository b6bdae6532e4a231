import { vi } from 'vitest';
import { judgeProperties } from './judge-properties.ts';

vi.setConfig({ testTimeout: 60_000 });

// All runs are in the longer run.
judgeProperties((runs) => Math.ceil(runs / 5));
