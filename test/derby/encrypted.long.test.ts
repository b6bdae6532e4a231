import { test } from 'vitest';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { expectEncryptedWhereItLay } from './encrypted-where-it-lay.ts';

test.each<DerbyVersion>(['10.8.3.0', '10.14.2.0'])(
  'encrypted where it lay, by Derby %s: it lacks only pages that nothing was written to',
  expectEncryptedWhereItLay,
);
